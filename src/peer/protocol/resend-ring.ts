import type { DeliveryMode } from '../../shared/index.ts'

/** A frame kept until the peer has acknowledged it. */
export interface SentFrame {
  readonly sequence: number
  /** The frame with room for a packet header in front. */
  readonly bytes: Buffer
  /** What follows them: a long body is kept apart, so that it is not copied. */
  readonly body?: Uint8Array
  /** The channel whose messages it holds, as its owner wants to be told of them; absent for control frames. */
  readonly messages?: FrameMessages
}

/** The messages of a data frame: `count` of them, the first being number `first` of its channel. */
export interface FrameMessages {
  readonly channel: MessageOwner
  readonly first: number
  readonly count: number
}

/** Whoever counts what became of its messages. */
export interface MessageOwner {
  readonly id: number
  readonly node: string
  readonly port: string
  readonly delivery: DeliveryMode
  acknowledged(count: number): void
  /** They are not sent again. */
  skipped(range: { from: number; to: number }): void
}

/** Messages of a channel that lay in a queue of the peer, as far as is known. */
export interface UntakenMessages {
  readonly channel: { readonly node: string; readonly port: string }
  readonly from: number
  readonly to: number
}

/** The bounds of a ring. */
export interface RingLimits {
  readonly frames: number
  readonly bytes: number
}

/** Holds sent frames in order until they are acknowledged, so that they can be sent again after a cut. */
export class ResendRing {
  readonly #limits: RingLimits
  #frames: (SentFrame | undefined)[] = []
  #head = 0
  #bytes = 0
  #lastSequence = 0

  constructor(limits: RingLimits) {
    this.#limits = limits
  }

  /** Whether another message may be accepted, given the bytes that wait to become frames. */
  hasRoom(stagedBytes: number): boolean {
    return this.size < this.#limits.frames && this.#bytes + stagedBytes < this.#limits.bytes
  }

  get size(): number {
    return this.#frames.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The place of the last frame put in, ever. */
  get lastSequence(): number {
    return this.#lastSequence
  }

  /** The place of the last frame acknowledged. */
  get acknowledged(): number {
    return this.#lastSequence - this.size
  }

  push(encode: (sequence: number) => Buffer, messages?: FrameMessages): void {
    const sequence = ++this.#lastSequence
    const bytes = encode(sequence)
    this.#frames.push(messages ? { sequence, bytes, messages } : { sequence, bytes })
    this.#bytes += bytes.length
  }

  /** As `push`, for a frame with a body that is kept apart. */
  pushApart(encodeHead: (sequence: number) => Buffer, body: Uint8Array): void {
    const sequence = ++this.#lastSequence
    const bytes = encodeHead(sequence)
    this.#frames.push({ sequence, bytes, body })
    this.#bytes += bytes.length + body.length
  }

  /** The kept frame at this place. */
  at(sequence: number): SentFrame | undefined {
    return this.#frames[this.#head + sequence - this.acknowledged - 1]
  }

  /**
   * Puts something shorter in the place of messages up to this place that are not to be sent twice: all of `at-most-once`, and of
   * `latest` those that a newer one follows.
   */
  skipUnreliable(upTo: number, replace: (channel: MessageOwner, count: number, sequence: number) => Buffer): void {
    const newest = new Set<MessageOwner>()
    for (let index = this.#frames.length - 1; index >= this.#head; index--) {
      const frame = this.#frames[index]
      if (!frame?.messages || frame.messages.channel.delivery === 'reliable') continue
      const { channel, first, count } = frame.messages
      if (channel.delivery === 'latest' && !newest.has(channel)) newest.add(channel)
      else if (frame.sequence <= upTo) {
        const bytes = replace(channel, count, frame.sequence)
        this.#bytes += bytes.length - frame.bytes.length
        this.#frames[index] = { sequence: frame.sequence, bytes }
        channel.skipped({ from: first, to: first + count - 1 })
      }
    }
  }

  /** Lets go of everything up to this place, and tells the owners. */
  acknowledge(sequence: number): void {
    while (this.size > 0 && this.acknowledged < sequence) {
      const frame = this.#frames[this.#head]
      // Otherwise its bytes would live until the array is cut.
      this.#frames[this.#head++] = undefined
      if (!frame) continue
      this.#bytes -= frame.bytes.length + (frame.body?.length ?? 0)
      frame.messages?.channel.acknowledged(frame.messages.count)
    }
    this.#compact()
  }

  /** Empties the ring; what was in it, in order. */
  takeAll(): SentFrame[] {
    const rest = this.#frames.filter((frame) => frame !== undefined)
    this.#frames = []
    this.#head = 0
    this.#bytes = 0
    return rest
  }

  #compact(): void {
    if (this.#head === this.#frames.length) {
      // Setting its length costs ten times as much, and happens for every lone message.
      if (this.#head > 0) this.#frames = []
      this.#head = 0
    } else if (this.#head > 1024 && this.#head * 2 > this.#frames.length) {
      this.#frames = this.#frames.slice(this.#head)
      this.#head = 0
    }
  }
}
