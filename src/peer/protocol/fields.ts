import { errorCodes, MillraceError, type ErrorCode } from '../../shared/index.ts'

/** A map out of a peer's bytes: every field is asked for by name and type, and nothing else is believed. */
export interface Fields {
  text(name: string, maxLength?: number): string
  /** A whole number from 0 up to 2^53-1. */
  count(name: string): number
  bytes(name: string, length?: number): Uint8Array
  flag(name: string): boolean
  list(name: string): readonly unknown[]
  map(name: string): Fields
  has(name: string): boolean
}

/** The longest name of a network, instance, node or port. */
export const maxNameLength = 200

/** Reads a decoded value as a map. @throws MillraceError `PROTOCOL_ERROR`, from every method too. */
export function readFields(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
    throw broken(`${what} is no map`)
  const own = new Map<string, unknown>(Object.entries(value))
  const wrong = (name: string) => broken(`${what} has no proper "${name}"`)
  return {
    text(name, maxLength = maxNameLength) {
      const field = own.get(name)
      if (typeof field !== 'string' || field.length > maxLength) throw wrong(name)
      return field
    },
    count(name) {
      const field = own.get(name)
      if (typeof field !== 'number' || !Number.isSafeInteger(field) || field < 0) throw wrong(name)
      return field
    },
    bytes(name, length) {
      const field = own.get(name)
      if (!(field instanceof Uint8Array) || (length !== undefined && field.length !== length)) throw wrong(name)
      return field
    },
    flag(name) {
      const field = own.get(name)
      if (typeof field !== 'boolean') throw wrong(name)
      return field
    },
    list(name) {
      const field = own.get(name)
      if (!Array.isArray(field)) throw wrong(name)
      return field
    },
    map: (name) => readFields(own.get(name), `"${name}" of ${what}`),
    has: (name) => own.get(name) !== undefined,
  }
}

/** The error for bytes that are not what the protocol says. */
export function broken(message: string): MillraceError {
  return new MillraceError('PROTOCOL_ERROR', message)
}

/** Makes text of a peer fit to be printed: control characters shown as such, and cut to a length. */
export function printable(text: string, maxLength = 300): string {
  // oxlint-disable-next-line eslint/no-control-regex -- finding them is the point
  const shown = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  return shown.length > maxLength ? `${shown.slice(0, maxLength)}…` : shown
}

/** Whether this text is one of our codes. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code)
}
