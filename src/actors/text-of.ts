import { toTagged } from '../shared/index.ts'

/** A message as it goes to what takes text or bytes: both as they are, anything else as JSON. */
export function textOf(message: unknown): string | Uint8Array {
  if (typeof message === 'string' || message instanceof Uint8Array) return message
  return jsonOf(message)
}

/** A message as JSON; what JSON cannot hold is written as in tagged messages. Throws `MESSAGE_INVALID` when it cannot be written. */
export function jsonOf(message: unknown, indent?: number): string {
  return JSON.stringify(Object.is(message, -0) ? 0 : (toTagged(message).data ?? null), withPlainZero, indent)
}

/** Arithmetic makes -0 of ordinary numbers, and nobody who reads JSON wants to tell it from 0. */
function withPlainZero(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$kind' in value) || !('data' in value)) return value
  return value.$kind === 'Float' && value.data === '-0' ? 0 : value
}
