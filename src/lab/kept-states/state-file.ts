import { createHash } from 'node:crypto'
import * as v from 'valibot'
import type { StateSnapshot } from '../../runtime/index.ts'

/** The form of the file; a file with a higher one was written by a newer Millrace. */
export const stateFileVersion = 1

const headerSchema = v.object({
  node: v.string(),
  actor: v.string(),
  sequence: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  savedAtMs: v.number(),
})
type Header = v.InferOutput<typeof headerSchema>

/** What a file of state turns out to be. `hint` is what a broken one says of itself, which may be wrong. */
export type ReadStateFile =
  | { type: 'whole'; sequence: number; snapshot: StateSnapshot }
  | { type: 'newer'; version: number }
  | { type: 'broken'; why: string; hint: Header | undefined }

/**
 * Writes a snapshot as a file of three lines: form, version and SHA-256 of all that follows the sum and of the version; then what it is of, as
 * JSON; then the state itself, as the runtime has written it.
 */
export function writeStateFile({ text, ...header }: StateSnapshot & { sequence: number }): Uint8Array {
  const rest = `${JSON.stringify(header)}\n${text}\n`
  return new TextEncoder().encode(`millrace-state ${stateFileVersion} ${sumOf(stateFileVersion, rest)}\n${rest}`)
}

/** Reads a file of state; never throws. */
export function readStateFile(bytes: Uint8Array): ReadStateFile {
  let file: string
  try {
    file = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { type: 'broken', why: 'it is not text', hint: undefined }
  }
  const match = /^millrace-state (\d{1,9}) ([0-9a-f]{64})\n/.exec(file)
  const [first = '', versionText = '', sum] = match ?? []
  const rest = file.slice(first.length)
  const end = rest.indexOf('\n')
  const header = parseHeader(rest.slice(0, Math.max(0, end)))
  if (match === null) return { type: 'broken', why: 'its first line is not that of a file of state', hint: undefined }
  const version = Number(versionText)
  if (sum !== sumOf(version, rest)) return { type: 'broken', why: 'its checksum does not fit', hint: header }
  if (version > stateFileVersion) return { type: 'newer', version }
  if (header === undefined || !rest.endsWith('\n'))
    return { type: 'broken', why: 'it is not complete', hint: undefined }
  const { sequence, ...of } = header
  return { type: 'whole', sequence, snapshot: { ...of, text: rest.slice(end + 1, -1) } }
}

function sumOf(version: number, rest: string): string {
  return createHash('sha256').update(`${version}\n${rest}`).digest('hex')
}

function parseHeader(line: string): Header | undefined {
  try {
    const result = v.safeParse(headerSchema, JSON.parse(line))
    return result.success ? result.output : undefined
  } catch {
    return undefined
  }
}
