import { describeError } from '../../shared/index.ts'
import { frameRoomBytes } from './frame.ts'
import type { ValueCodec } from './value-codec.ts'

/** A data frame is closed when it has grown to about this size; measured: larger ones are no faster. */
export const frameTargetBytes = 32 * 1024
const maxFrameMessages = 65_535
/** From here on a message is encoded when it is put in: what it takes must be known, and it travels alone. */
const largeBytes = 64 * 1024

/** What one frame is made of. */
export interface StagedFrame {
  /** Absent when none of the messages could be encoded. */
  readonly framed: Buffer | undefined
  /** Messages taken out, those that failed among them. */
  readonly count: number
  readonly released: number
  /** Messages that could not be encoded after all, by their place: a getter threw, or somebody changed them. */
  readonly failures: readonly { readonly index: number; readonly reason: string }[]
}

/** Messages that were accepted and are no frame yet. Plain ones are encoded many at a time, when they go: 0.3 µs a message less. */
export class Staging {
  readonly #codec: ValueCodec
  #values: unknown[] = []
  #sizes: number[] = []
  #bytes = 0
  /** How many of them are encoded already. */
  #encoded = 0
  /** The newest message, as long as it may have to be sent again. */
  #newest: { value: unknown; bytes: number } | undefined

  constructor(codec: ValueCodec) {
    this.#codec = codec
  }

  get count(): number {
    return this.#values.length
  }

  /** About how much they take. */
  get bytes(): number {
    return this.#bytes
  }

  /** Answers about how many bytes it takes. @throws MillraceError `MESSAGE_INVALID`, `TOO_BIG`. */
  put(value: unknown): number {
    const least = this.#codec.leastBytes(value)
    if (least < 0 || least >= largeBytes) return this.#putEncoded(this.#codec.encode(value, frameRoomBytes))
    this.#values.push(value)
    this.#sizes.push(least)
    this.#bytes += least
    return least
  }

  /** Puts it in the place of what is there, and remembers it. */
  replace(value: unknown): number {
    const before = { values: this.#values, sizes: this.#sizes, bytes: this.#bytes, encoded: this.#encoded }
    this.clear()
    try {
      const bytes = this.put(value)
      this.#newest = { value: this.#values[0], bytes }
      return bytes
    } catch (error) {
      this.#values = before.values
      this.#sizes = before.sizes
      this.#bytes = before.bytes
      this.#encoded = before.encoded
      throw error
    }
  }

  /** Puts the newest message back in. */
  restore(): void {
    const { value, bytes } = this.#newest ?? { value: undefined, bytes: -1 }
    if (bytes < 0) return
    if (value instanceof Encoded) this.#putEncoded(value.framed)
    else {
      this.#values.push(value)
      this.#sizes.push(bytes)
      this.#bytes += bytes
    }
  }

  /** The newest message has arrived. */
  forget(): void {
    this.#newest = undefined
  }

  clear(): void {
    this.#values = []
    this.#sizes = []
    this.#bytes = 0
    this.#encoded = 0
  }

  /** Takes out what makes one frame. */
  take(): StagedFrame {
    if (this.#encoded > 0) return this.#takeMixed()
    if (this.#bytes <= frameTargetBytes && this.#values.length <= maxFrameMessages) {
      const values = this.#values
      const released = this.#bytes
      this.clear()
      return this.#frame(values, released)
    }
    let count = 0
    let released = 0
    while (count < this.#values.length && count < maxFrameMessages && released < frameTargetBytes)
      released += this.#sizes[count++] ?? 0
    return this.#frame(this.#cut(count, released), released)
  }

  #takeMixed(): StagedFrame {
    let count = 0
    let released = 0
    while (count < this.#values.length && count < maxFrameMessages && released < frameTargetBytes) {
      if (this.#values[count] instanceof Encoded) break
      released += this.#sizes[count++] ?? 0
    }
    if (count > 0) return this.#frame(this.#cut(count, released), released)
    const bytes = this.#sizes[0] ?? 0
    const [first] = this.#cut(1, bytes)
    this.#encoded--
    return { framed: first instanceof Encoded ? first.framed : undefined, count: 1, released: bytes, failures: [] }
  }

  #cut(count: number, bytes: number): unknown[] {
    this.#sizes.splice(0, count)
    this.#bytes -= bytes
    return this.#values.splice(0, count)
  }

  #frame(values: readonly unknown[], released: number): StagedFrame {
    try {
      return { framed: this.#codec.encodeAll(values, frameRoomBytes), count: values.length, released, failures: [] }
    } catch {
      return this.#salvage(values, released)
    }
  }

  /** One of them cannot be encoded: finds out which, and sends the others. */
  #salvage(values: readonly unknown[], released: number): StagedFrame {
    const failures: { index: number; reason: string }[] = []
    const sound = values.filter((value, index) => {
      try {
        this.#codec.encode(value)
        return true
      } catch (error) {
        failures.push({ index, reason: describeError(error) })
        return false
      }
    })
    const framed = sound.length > 0 ? this.#codec.encodeAll(sound, frameRoomBytes) : undefined
    return { framed, count: values.length, released, failures }
  }

  #putEncoded(framed: Buffer): number {
    const bytes = framed.length - frameRoomBytes
    this.#values.push(new Encoded(framed))
    this.#sizes.push(bytes)
    this.#bytes += bytes
    this.#encoded++
    return bytes
  }
}

/** A message in bytes, behind free ones for a frame's header. */
class Encoded {
  readonly framed: Buffer

  constructor(framed: Buffer) {
    this.framed = framed
  }
}
