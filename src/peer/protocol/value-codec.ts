import { Packr } from 'msgpackr/index-no-eval'
import { describeError, isMillraceError, MillraceError } from '../../shared/index.ts'
import '../message-extension.ts'
import { leastBytes, maxMessageBytes } from './message-bounds.ts'

/** Tells msgpackr to leave bytes free in front, as many as are added to it; its own name for it is not in this entry. */
const reserveStartSpace = 2048
/** Frames are encoded one after the other into a buffer of this size, so that a frame is not copied to be sent. */
const slabBytes = 64 * 1024
const longBytesHeader = 5
/** msgpackr takes a buffer of its own when less than 2 KiB are left. */
const slabReserve = 4096

/**
 * Turns values into bytes and back; keeps no state from one message to the next. What is kept: undefined, null, booleans, numbers
 * (NaN and infinities too; -0 becomes 0), bigints (one of at most 2⁵³ either way becomes a number), text (a lone surrogate becomes
 * U+FFFD), bytes, typed arrays, dates, errors (name, message, cause), sets, arrays, plain objects. Class instances become plain objects,
 * maps objects, a key `__proto__` becomes `__proto_`.
 */
export interface ValueCodec {
  /** The bytes a message takes at least; negative for what is more than plain data. @throws MillraceError `MESSAGE_INVALID`, `TOO_BIG`. */
  leastBytes(value: unknown): number
  /** One message, with `room` free bytes in front. @throws MillraceError `MESSAGE_INVALID`, `TOO_BIG`. */
  encode(value: unknown, room?: number): Buffer
  /** Plain messages, one after the other, with `room` (at least 5) free bytes in front. Throws what a getter throws. */
  encodeAll(values: readonly unknown[], room: number): Buffer
  /** Reads values written one after the other; keeps the bytes only when they are its own. @throws MillraceError `MESSAGE_INVALID`. */
  decodeAll(bytes: Uint8Array, options?: { own: boolean }): unknown[]
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
  const slab = new Slab(packr)
  return {
    leastBytes(value) {
      try {
        return leastBytes(value)
      } catch (cause) {
        throw refusalOf(cause)
      }
    },
    encode(value, room = 0) {
      const bytes = encodeOne(slab, value, room)
      if (bytes.length - room > maxMessageBytes)
        throw new MillraceError(
          'TOO_BIG',
          `the message takes ${bytes.length - room} bytes; a link takes at most ${maxMessageBytes}: send it in parts`,
        )
      return bytes
    },
    encodeAll(values, room) {
      // An array is its length and then its items: with the length in the free bytes, the items stand one after the other.
      return slab.pack(values, { room: room - arrayHeaderBytes(values.length), expectedBytes: 0 })
    },
    decodeAll(bytes, { own } = { own: false }) {
      if (own && isLoneBytes(bytes)) return [bytes.subarray(longBytesHeader)]
      try {
        return packr.unpackMultiple(bytes) ?? []
      } catch (cause) {
        throw new MillraceError('MESSAGE_INVALID', 'a message of the peer cannot be decoded', { cause })
      }
    },
  }
}

/** Memory that frames are encoded into, one after the other: 0.2 µs a message less than copying them out of one buffer. */
class Slab {
  readonly #packr: Packr
  #memory: Buffer = Buffer.alloc(0)
  #used = 0
  #packing = false

  constructor(packr: Packr) {
    this.#packr = packr
  }

  pack(value: unknown, { room, expectedBytes }: { room: number; expectedBytes: number }): Buffer {
    if (this.#packing) throw new MillraceError('MESSAGE_INVALID', 'it sends another message while it is encoded')
    this.#packing = true
    try {
      const needed = expectedBytes + room + slabReserve
      if (needed > slabBytes) {
        this.#packr.useBuffer(Buffer.allocUnsafeSlow(needed))
        return this.#packr.pack(value, reserveStartSpace + room)
      }
      if (this.#memory.length - this.#used < needed) this.#renew()
      this.#packr.useBuffer(this.#memory)
      this.#packr.position = this.#used
      const bytes = this.#packr.pack(value, reserveStartSpace + room)
      if (bytes.buffer === this.#memory.buffer) this.#used = bytes.byteOffset + bytes.length
      return bytes
    } finally {
      this.#packing = false
    }
  }

  #renew(): void {
    this.#memory = Buffer.allocUnsafeSlow(slabBytes)
    this.#used = 0
  }
}

function encodeOne(slab: Slab, value: unknown, room: number): Buffer {
  try {
    return slab.pack(value, { room, expectedBytes: Math.abs(leastBytes(value)) })
  } catch (cause) {
    throw refusalOf(cause)
  }
}

/** Whether this is one long message of bytes and nothing else: MessagePack's `bin 32`. */
function isLoneBytes(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0xc6 || bytes.length < longBytesHeader) return false
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1)
  return length === bytes.length - longBytesHeader
}

function arrayHeaderBytes(length: number): number {
  if (length < 16) return 1
  return length < 65_536 ? 3 : 5
}

function refusalOf(cause: unknown): MillraceError {
  if (isMillraceError(cause)) return cause
  const reason = cause instanceof RangeError ? 'it is nested too deeply, or contains itself' : describeError(cause)
  return new MillraceError('MESSAGE_INVALID', `the message cannot be sent: ${reason}`, { cause })
}

function refuseFunction(): never {
  throw new Error('a function cannot be a message')
}
