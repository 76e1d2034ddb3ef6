import { MillraceError } from '../shared/index.ts'

/** The text of a message: text as it is, bytes as UTF-8. Throws `MESSAGE_INVALID` for anything else. */
export function decode(message: unknown): string {
  if (typeof message === 'string') return message
  if (!(message instanceof Uint8Array))
    throw new MillraceError(
      'MESSAGE_INVALID',
      `expected text or bytes, not ${message === null ? 'null' : typeof message}`,
    )
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(message)
  } catch (cause) {
    throw new MillraceError('MESSAGE_INVALID', 'the bytes are not UTF-8 text', { cause })
  }
}
