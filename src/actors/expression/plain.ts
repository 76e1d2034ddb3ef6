import { MillraceError } from '../../shared/index.ts'

const deepest = 200

/** Makes a message of what JSONata gives: its sequences carry functions, and a function is no message. Throws `MESSAGE_INVALID`. */
export function toPlain(value: unknown, depth = 0): unknown {
  if (depth > deepest) throw new MillraceError('MESSAGE_INVALID', `the result is nested deeper than ${deepest} levels`)
  if (typeof value === 'function') throw new MillraceError('MESSAGE_INVALID', 'the result is a function')
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || value instanceof Error) return value
  if (Array.isArray(value)) return Array.from(value, (item: unknown) => toPlain(item, depth + 1))
  if ('_jsonata_function' in value || '_jsonata_lambda' in value)
    throw new MillraceError('MESSAGE_INVALID', 'the result is a function')
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlain(item, depth + 1)]))
}
