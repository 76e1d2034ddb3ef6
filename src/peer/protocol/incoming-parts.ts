import { crc32 } from 'node:zlib'
import { broken } from './fields.ts'
import { maxMessageBytes } from './message-bounds.ts'

/** The parts that have come of a body too long for one frame. */
export class IncomingParts {
  #parts: Uint8Array[] = []
  #bytes = 0

  get begun(): boolean {
    return this.#parts.length > 0
  }

  /** @throws MillraceError `PROTOCOL_ERROR` when they come to more than a message may be. */
  add(part: Uint8Array): void {
    this.#bytes += part.length
    if (this.#bytes > maxMessageBytes) throw broken('a message in parts is longer than a link takes')
    this.#parts.push(part)
  }

  /** @throws MillraceError `PROTOCOL_ERROR` when this is not what was taken apart. */
  assemble(last: Uint8Array, check: number): Uint8Array {
    const whole = Buffer.concat([...this.#parts, last])
    this.clear()
    if (crc32(whole) !== check) throw broken('the parts of a message do not make the message that was sent')
    return whole
  }

  clear(): void {
    this.#parts = []
    this.#bytes = 0
  }
}
