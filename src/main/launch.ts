import path from 'node:path'
import * as v from 'valibot'

const launchSchema = v.object({ file: v.string(), portBase: v.exactOptional(v.number()) })

/** What the desktop was asked to show. */
export type Launch = v.InferOutput<typeof launchSchema>

/** Reads what the command line put after `--`: a lab file and `--port-base N`. Without a file, the shipped weather lab is shown. */
export function parseLaunch(argv: readonly string[], root: string): Launch {
  const marker = argv.indexOf('--')
  const given = marker === -1 ? [] : argv.slice(marker + 1)
  const option = given.indexOf('--port-base')
  const portBase = option === -1 ? Number.NaN : Number(given[option + 1])
  const file = given.find((text, index) => !text.startsWith('--') && (option === -1 || index !== option + 1))
  return {
    file: file === undefined ? path.join(root, 'resources/examples/ml-pipeline/weather.lab.json') : path.resolve(file),
    ...(Number.isInteger(portBase) && { portBase }),
  }
}

/** Reads what another start of the program handed over; `undefined` when it is not ours. */
export function launchFrom(handed: unknown): Launch | undefined {
  const result = v.safeParse(launchSchema, handed)
  return result.success ? result.output : undefined
}
