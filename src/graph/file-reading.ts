import * as v from 'valibot'
import { MillraceError, type ErrorCode } from '../shared/index.ts'
import { Findings, toPointer, type Finding, type Subject } from './finding.ts'
import { isRecord } from './graph-parts.ts'
import { readJson, type JsonPath, type JsonReading } from './json-text.ts'

/** A file that was read and fits its schema, or every reason why it does not. */
export type FileReading<T> = { type: 'read'; value: T } | { type: 'refused'; findings: [Finding, ...Finding[]] }

/** Reads a JSON text of a known shape. What is returned is the file's own value: unknown fields are still there. */
export function readFile<Schema extends v.GenericSchema>(
  text: string,
  schema: Schema,
): FileReading<v.InferInput<Schema>> {
  const reading = readJson(text)
  if (reading.type === 'broken') {
    return refused([brokenText(reading)])
  }
  const { value, locate } = reading
  // The schema library takes lists for objects.
  if (!isRecord(value)) return refusal('FILE_INVALID', 'expected an object', text, [])
  if (v.is(schema, value)) return { type: 'read', value }
  const findings = new Findings(locate, nodeIn)
  for (const issue of v.safeParse(schema, value).issues ?? []) {
    const path = pathOf(issue)
    findings.error('FILE_INVALID', path, describeIssue(issue, path))
  }
  return refused(findings.list)
}

function nodeIn([section, id]: JsonPath): Subject {
  return section === 'processes' && typeof id === 'string' ? { node: id } : {}
}

function brokenText({ message, position, twice = [] }: Extract<JsonReading, { type: 'broken' }>): Finding {
  const [section, id] = twice
  const broken = { severity: 'error', pointer: toPointer(twice), ...position } as const
  if (section !== 'processes' || typeof id !== 'string' || twice.length > 2)
    return { ...broken, code: 'FILE_INVALID', message }
  return {
    ...broken,
    code: 'NODE_DUPLICATE',
    message: `two nodes have the id "${id}"; rename or remove one`,
    node: id,
  }
}

/** Hands out what was read, or throws its first finding as `file:line:column: message`. */
export function valueOrThrow<T>(reading: FileReading<T>, file: string): T {
  if (reading.type === 'read') return reading.value
  const [first, ...others] = reading.findings
  const more = others.length > 0 ? ` (and ${others.length} more: "millrace check" lists them)` : ''
  throw new MillraceError(first.code, `${placeOf(first, file)}: ${first.message}${more}`)
}

/** Writes where a finding is, as editors and terminals understand it: `file:line:column`. */
export function placeOf({ line, column }: Finding, file: string): string {
  return line === undefined ? file : `${file}:${line}:${column ?? 1}`
}

/** Makes the only finding of a file that is not read further. */
export function refusal<T>(code: ErrorCode, message: string, text: string, path: JsonPath): FileReading<T> {
  const reading = readJson(text)
  const findings = new Findings(reading.type === 'read' ? reading.locate : undefined)
  findings.error(code, path, message)
  return refused(findings.list)
}

function refused<T>([first, ...others]: Finding[]): FileReading<T> {
  // A schema that does not fit always names at least one issue.
  const certain = first ?? { code: 'FILE_INVALID', severity: 'error', message: 'is not what it should be', pointer: '' }
  return { type: 'refused', findings: [certain, ...others] }
}

function pathOf(issue: v.BaseIssue<unknown>): (string | number)[] {
  return (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
}

function describeIssue(issue: v.BaseIssue<unknown>, path: JsonPath): string {
  const name = path.length > 0 ? `${dotted(path)}: ` : ''
  if (issue.type === 'check' || issue.type === 'regex' || issue.type === 'custom') return `${name}${issue.message}`
  if (issue.received === 'undefined') return `${name}is missing`
  const expected = issue.expected ?? ''
  return `${name}expected ${expectedWords[expected] ?? expected.replaceAll(/[()]/g, '').replaceAll(' | ', ' or ')}, found ${issue.received}`
}

const expectedWords: Record<string, string> = {
  Object: 'an object',
  Array: 'a list',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  '(Object | null)': 'an object',
  '(number | null)': 'a number',
}

function dotted(path: JsonPath): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  )
}
