import { toTagged } from '../shared/index.ts'

/** A message as it goes to what takes text or bytes: both as they are, anything else as JSON. */
export function textOf(message: unknown): string | Uint8Array {
  if (typeof message === 'string' || message instanceof Uint8Array) return message
  return jsonOf(message)
}

/** A message as JSON; what JSON cannot hold is written as in tagged messages. Throws `MESSAGE_INVALID` when it cannot be written. */
export function jsonOf(message: unknown, indent?: number): string {
  return JSON.stringify(toTagged(message).data ?? null, undefined, indent)
}
