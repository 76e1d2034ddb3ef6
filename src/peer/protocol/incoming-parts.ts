import { broken } from './fields.ts'
import { maxMessageBytes } from './message-bounds.ts'
import { checkPart } from './part-check.ts'

/** The parts that have come of a body too long for one frame. */
export class IncomingParts {
  #parts: Uint8Array[] = []
  #bytes = 0
  #check = 0

  get begun(): boolean {
    return this.#parts.length > 0
  }

  /** @throws MillraceError `PROTOCOL_ERROR` when they come to more than a message may be. */
  add(part: Uint8Array): void {
    this.#bytes += part.length
    if (this.#bytes > maxMessageBytes) throw broken('a message in parts is longer than a link takes')
    this.#parts.push(part)
    this.#check = checkPart(part, this.#check)
  }

  /** @throws MillraceError `PROTOCOL_ERROR` when this is not what was taken apart. */
  assemble(last: Uint8Array, check: number): Uint8Array {
    const sound = checkPart(last, this.#check) === check
    const parts = [...this.#parts, last]
    this.clear()
    if (!sound) throw broken('the parts of a message do not make the message that was sent')
    return Buffer.concat(parts)
  }

  clear(): void {
    this.#parts = []
    this.#bytes = 0
    this.#check = 0
  }
}
