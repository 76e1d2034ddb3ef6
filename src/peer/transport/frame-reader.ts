import type { Duplex } from 'node:stream'

/** A binary message that is whole in one frame (RFC 6455, 5.2). */
const wholeBinary = 0x82

/**
 * Reads WebSocket frames in place of `ws`, as long as they are whole binary messages that need no unmasking, as peers send them on one machine
 * and inside TLS: a lone message passes a stream and eight functions less, and a long one waits for no pause. From the first frame on that
 * is anything else (a close, a ping, a fragment, a mask, nonsense), `ws` reads again for good.
 */
export class FrameReader {
  readonly #socket: Duplex
  readonly #whole: (bytes: Buffer) => void
  readonly #maxBytes: number
  readonly #isMasked: boolean
  /** What `ws` reads with. */
  readonly #other: ((chunk: Buffer) => void) | undefined
  #state: 'watching' | 'reading' | 'over' = 'watching'
  #isTrusted = false
  /** The beginning of a frame of which not even the length is known. */
  #begun: Buffer | undefined
  /** Bytes that the frame under way still lacks. */
  #missing = 0
  #body: Buffer | undefined
  readonly #read = (chunk: Buffer) => this.#take(chunk)

  /** `masked`: whether what comes says that it is masked, as what a dialler sends does. Nothing is read before `trust`. */
  constructor(socket: Duplex, options: { masked: boolean; maxBytes: number }, whole: (bytes: Buffer) => void) {
    this.#socket = socket
    this.#isMasked = options.masked
    this.#maxBytes = options.maxBytes
    this.#whole = whole
    const readers = socket.listeners('data')
    this.#other = readers.length === 1 ? (readers[0] as (chunk: Buffer) => void) : undefined
    // Behind the other one, so that it has taken a chunk when this one sees that a frame ends with it.
    if (this.#other) socket.on('data', this.#read)
  }

  /** Reads from the end of the present frame on. */
  trust(): void {
    this.#isTrusted = true
  }

  #take(chunk: Buffer): void {
    if (this.#state === 'over') return
    const rest = this.#readFrames(chunk)
    if (rest) return this.#handBack(rest)
    if (!this.#isTrusted || this.#state === 'reading' || this.#missing > 0 || this.#begun) return
    this.#state = 'reading'
    if (this.#other) this.#socket.off('data', this.#other)
  }

  /** Answers what is not for it. */
  #readFrames(given: Buffer): Buffer | undefined {
    let chunk = given
    let at = this.#missing > 0 ? this.#goOn(chunk) : 0
    if (this.#begun) {
      chunk = Buffer.concat([this.#begun, chunk])
      this.#begun = undefined
    }
    while (at < chunk.length) {
      const head = this.#headBytes(chunk, at)
      if (head === 'other') return chunk.subarray(at)
      if (head === 'short') {
        this.#begun = chunk.subarray(at)
        return undefined
      }
      const length = lengthOf(chunk, at)
      if (length > this.#maxBytes) return chunk.subarray(at)
      const begin = at + head
      at = begin + length
      if (at > chunk.length) this.#begin(chunk.subarray(begin), length)
      else if (this.#state === 'reading') this.#whole(chunk.subarray(begin, at))
    }
    return undefined
  }

  /** How many bytes stand before the body of the frame at this place. */
  #headBytes(chunk: Buffer, at: number): number | 'short' | 'other' {
    if (chunk[at] !== wholeBinary) return 'other'
    const second = chunk[at + 1]
    if (second === undefined) return 'short'
    const short = second & 0x7f
    const isMasked = second >= 0x80
    if (isMasked !== this.#isMasked) return 'other'
    const maskAt = short < 126 ? 2 : short === 126 ? 4 : 10
    const bytes = isMasked ? maskAt + 4 : maskAt
    if (chunk.length - at < bytes) return 'short'
    // Before the proof `ws` reads, whatever the mask.
    if (isMasked && this.#state === 'reading' && chunk.readUInt32BE(at + maskAt) !== 0) return 'other'
    return bytes
  }

  #begin(body: Buffer, length: number): void {
    this.#missing = length - body.length
    if (this.#state !== 'reading') return
    this.#body = Buffer.allocUnsafeSlow(length)
    this.#body.set(body)
  }

  /** Answers how much of the chunk belongs to the frame under way. */
  #goOn(chunk: Buffer): number {
    const bytes = Math.min(this.#missing, chunk.length)
    this.#body?.set(chunk.subarray(0, bytes), this.#body.length - this.#missing)
    this.#missing -= bytes
    if (this.#missing > 0 || !this.#body) return bytes
    const whole = this.#body
    this.#body = undefined
    this.#whole(whole)
    return bytes
  }

  #handBack(rest: Buffer): void {
    const wasReading = this.#state === 'reading'
    this.#state = 'over'
    this.#socket.off('data', this.#read)
    if (!wasReading || !this.#other) return
    this.#socket.on('data', this.#other)
    this.#other.call(this.#socket, rest)
  }
}

/** The length of the body of the frame at this place, all of whose head is there. */
function lengthOf(chunk: Buffer, at: number): number {
  const short = (chunk[at + 1] ?? 0) & 0x7f
  if (short < 126) return short
  return short === 126 ? chunk.readUInt16BE(at + 2) : Number(chunk.readBigUInt64BE(at + 2))
}
