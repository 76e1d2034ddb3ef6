import { Packr } from 'msgpackr/index-no-eval'
import { describeError, isMillraceError, MillraceError } from '../../shared/index.ts'
import { checkBounds, maxMessageBytes } from './message-bounds.ts'

/** Tells msgpackr to start over in its buffer: what it answers is overwritten by the next call (saves 8 KiB of garbage per 60 messages). */
const resetBuffer = 1024

/**
 * Turns values into bytes and back; keeps no state from one message to the next. What is kept: undefined, null, booleans, numbers
 * (NaN and infinities too; -0 becomes 0), bigints, text (a lone surrogate becomes U+FFFD), bytes, typed arrays, dates, errors (name,
 * message, cause), sets, arrays, plain objects. Class instances become plain objects, maps objects, a key `__proto__` becomes `__proto_`.
 */
export interface ValueCodec {
  /** The answer is valid until the next call. @throws MillraceError `MESSAGE_INVALID`, `TOO_BIG`. */
  encode(value: unknown): Uint8Array
  /** Reads values written one after the other. @throws MillraceError `MESSAGE_INVALID`. */
  decodeAll(bytes: Uint8Array): unknown[]
}

// The package's types do not know `'auto'`, so this stands apart from its use.
const options: object = {
  useRecords: false,
  moreTypes: true,
  structuredClone: false,
  int64AsType: 'auto',
  useBigIntExtension: true,
  mapsAsObjects: true,
  // Otherwise a decoded Buffer of three bytes would keep its whole packet alive, and share it.
  copyBuffers: true,
}

/** Makes a codec in MessagePack's map mode. */
export function createValueCodec(): ValueCodec {
  const packr = new Packr(options)
  Object.assign(packr, { writeFunction: refuseFunction })
  return {
    encode(value) {
      const bytes = encodeWith(packr, value)
      if (bytes.length > maxMessageBytes)
        throw new MillraceError(
          'TOO_BIG',
          `the message takes ${bytes.length} bytes; a link takes at most ${maxMessageBytes}: send it in parts`,
        )
      return bytes
    },
    decodeAll(bytes) {
      try {
        return packr.unpackMultiple(bytes) ?? []
      } catch (cause) {
        throw new MillraceError('MESSAGE_INVALID', 'a message of the peer cannot be decoded', { cause })
      }
    },
  }
}

function encodeWith(packr: Packr, value: unknown): Uint8Array {
  try {
    checkBounds(value)
    return packr.pack(value, resetBuffer)
  } catch (cause) {
    if (isMillraceError(cause)) throw cause
    const reason = cause instanceof RangeError ? 'it is nested too deeply, or contains itself' : describeError(cause)
    throw new MillraceError('MESSAGE_INVALID', `the message cannot be sent: ${reason}`, { cause })
  }
}

function refuseFunction(): never {
  throw new Error('a function cannot be a message')
}
