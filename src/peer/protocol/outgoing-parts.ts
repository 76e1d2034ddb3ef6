import { crc32 } from 'node:zlib'
import { partBytes } from './frame.ts'

/** The body of a message that is too long for one frame, cut into parts; its check finds a body put together wrongly. */
export class OutgoingParts {
  /** The number of the message in its channel. */
  readonly number: number
  /** CRC-32 of the whole body: against mistakes of ours, for which it costs a tenth of a proper hash. */
  readonly check: number
  readonly #body: Uint8Array
  #offset = 0

  constructor(body: Uint8Array, number: number) {
    this.number = number
    this.check = crc32(body)
    this.#body = body
  }

  get done(): boolean {
    return this.#offset >= this.#body.length
  }

  get left(): number {
    return this.#body.length - this.#offset
  }

  next(): Uint8Array {
    const part = this.#body.subarray(this.#offset, this.#offset + partBytes)
    this.#offset += part.length
    return part
  }
}
