import { MillraceError } from '../../shared/index.ts'

const maxDepth = 200

/**
 * Copies a value as JSON would hold it; keys without a value are left out. `what` names it in errors.
 * @throws MillraceError `EDIT_INVALID` for what JSON cannot hold (NaN, functions, bytes …) and for keys that no file may have.
 */
export function jsonValue(value: unknown, what: string, depth = 0): unknown {
  if (depth > maxDepth) throw new MillraceError('EDIT_INVALID', `${what} is nested deeper than ${maxDepth} levels`)
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (Number.isFinite(value)) return value
      break
    case 'object':
      if (value === null) return null
      if (Array.isArray(value)) return value.map((item) => jsonValue(item, what, depth + 1))
      if (isPlain(value)) return jsonRecord(value, what, depth)
      break
    default:
  }
  throw new MillraceError('EDIT_INVALID', `${what} holds ${describe(value)}, which a file cannot keep`)
}

/** The same for an object with keys. */
export function jsonRecord(value: object, what: string, depth = 0): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') throw new MillraceError('EDIT_INVALID', `${what} has the key "__proto__"; choose another`)
    if (item !== undefined) copy[key] = jsonValue(item, what, depth + 1)
  }
  return copy
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

function describe(value: unknown): string {
  if (typeof value === 'number') return String(value)
  return value === undefined ? 'nothing at a place of a list' : `a ${typeof value}`
}
