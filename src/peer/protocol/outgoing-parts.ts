import { partBytes } from './frame.ts'
import { checkBody } from './part-check.ts'

/** The body of a message that is too long for one frame, cut into parts; its check finds a body put together wrongly. */
export class OutgoingParts {
  /** The number of the message in its channel. */
  readonly number: number
  /** What the other side must come to: made of the whole body, so that parts that were cut wrongly are found as well. */
  readonly check: number
  readonly #body: Uint8Array
  #offset = 0

  constructor(body: Uint8Array, number: number) {
    this.number = number
    this.check = checkBody(body)
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
