import path from 'node:path'
import * as v from 'valibot'
import { linkScheme } from './deep-link.ts'

const launchSchema = v.object({
  file: v.exactOptional(v.string()),
  portBase: v.exactOptional(v.number()),
  /** A `millrace://` link; nothing is done about it before a person agrees. */
  link: v.exactOptional(v.string()),
})

/** What the desktop was asked to show; without a file, what is shipped. */
export type Launch = v.InferOutput<typeof launchSchema>

/**
 * Reads what the command line put after `--`: a lab file and `--port-base N`. The installed program is started by the system, with the
 * file or the link that was opened as its only argument.
 */
export function parseLaunch(argv: readonly string[], { isInstalled }: { isInstalled: boolean }): Launch {
  const marker = argv.indexOf('--')
  const given = marker === -1 ? (isInstalled ? argv.slice(1) : []) : argv.slice(marker + 1)
  const option = given.indexOf('--port-base')
  const portBase = option === -1 ? Number.NaN : Number(given[option + 1])
  const words = given.filter((text, index) => !text.startsWith('-') && (option === -1 || index !== option + 1))
  const link = words.find((text) => text.startsWith(`${linkScheme}://`))
  const file = words.find((text) => text !== link)
  return {
    ...(file !== undefined && { file: path.resolve(file) }),
    ...(Number.isInteger(portBase) && { portBase }),
    ...(link !== undefined && { link }),
  }
}

/** Reads what another start of the program handed over; `undefined` when it is not ours. */
export function launchFrom(handed: unknown): Launch | undefined {
  const result = v.safeParse(launchSchema, handed)
  return result.success ? result.output : undefined
}
