import { MillraceError } from '../../shared/index.ts'
import type { OutboundChannel } from '../engine.ts'
import type { Credit } from './frame.ts'
import type { ValueCodec } from './value-codec.ts'

/** A data frame is closed when it has grown to this size; measured: larger ones are no faster. */
export const frameTargetBytes = 32 * 1024
const maxFrameMessages = 65_535
const maxWaiting = 256

/** What a session does for the channels that send through it. */
export interface OutgoingHost {
  /** Whether the resend ring takes more. */
  hasRoom(): boolean
  /** The channel has messages that are to become a frame when this turn ends. */
  staged(channel: OutgoingChannel, bytes: number): void
  /** Makes what is staged a frame at once. */
  seal(channel: OutgoingChannel): void
  /** The channel has sends that wait; tell it with `pump` when the ring has room again. */
  waiting(channel: OutgoingChannel): void
  /** The channel was closed here. */
  shut(channel: OutgoingChannel): void
}

interface WaitingSend {
  readonly value: unknown
  readonly accepted: () => void
  readonly failed: (error: unknown) => void
}

/** The sending end of a channel: encodes, batches, and keeps to the credit. Outlives the session it is bound to. */
export class OutgoingChannel implements OutboundChannel {
  readonly node: string
  readonly port: string
  readonly #codec: ValueCodec
  #host: OutgoingHost | undefined
  #id = 0
  #credit: Credit = noCredit
  /** In this session: what credit is measured by. */
  #sentMessages = 0
  #sentBytes = 0
  /** Over the life of the channel. */
  #accepted = 0
  #unacknowledged = 0
  #staging: Buffer = emptyStaging
  #stagedBytes = 0
  #stagedCount = 0
  #waiting: WaitingSend[] = []
  #refusal: MillraceError | undefined
  #closed = false
  readonly #whenClosed: () => void

  constructor(
    end: { node: string; port: string },
    parts: { codec: ValueCodec; whenClosed?: (channel: OutgoingChannel) => void },
  ) {
    this.node = end.node
    this.port = end.port
    this.#codec = parts.codec
    this.#whenClosed = () => parts.whenClosed?.(this)
  }

  get id(): number {
    return this.#id
  }

  get bound(): boolean {
    return this.#host !== undefined
  }

  get closed(): boolean {
    return this.#closed
  }

  get refusal(): MillraceError | undefined {
    return this.#refusal
  }

  get queued(): number {
    return this.#waiting.length + (this.#host ? this.#stagedCount : this.#unacknowledged)
  }

  /** Messages accepted, ever. */
  get accepted(): number {
    return this.#accepted
  }

  /** Messages accepted that the peer has not confirmed. */
  get unacknowledged(): number {
    return this.#unacknowledged
  }

  /** Messages that may be sent before the peer grants more. */
  get credit(): number {
    return this.#host ? Math.max(0, this.#credit.messages - this.#sentMessages) : 0
  }

  send(value: unknown): PromiseLike<void> | undefined {
    if (this.#refusal) return rejected(this.#refusal)
    if (this.#closed) return rejected(this.#closedError())
    if (this.#waiting.length === 0 && this.#canAccept()) return this.#accept(value)
    if (this.#waiting.length >= maxWaiting)
      throw new MillraceError(
        'OUTBOX_FULL',
        `${maxWaiting} messages wait for "${this.node}.${this.port}" of a peer already: await what send answers`,
      )
    this.#host?.waiting(this)
    const sent = new Promise<void>((accepted, failed) => this.#waiting.push({ value, accepted, failed }))
    // Who does not await it has said that it does not care; it must not end the process.
    sent.catch(() => {})
    return sent
  }

  close(reason: MillraceError = this.#closedError()): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#stagedCount > 0) this.#host?.seal(this)
    this.#host?.shut(this)
    this.#host = undefined
    this.#rejectWaiting(reason)
    this.#whenClosed()
  }

  /** Goes on in a new session, under this number and without credit yet. */
  bind(host: OutgoingHost, id: number): void {
    this.#host = host
    this.#id = id
    this.#credit = noCredit
    this.#sentMessages = 0
    this.#sentBytes = 0
    this.#unacknowledged = 0
    this.#refusal = undefined
  }

  /** The session is over for good; sends wait for the next one. */
  unbind(): void {
    this.#host = undefined
    this.#unacknowledged = 0
    this.#stagedBytes = 0
    this.#stagedCount = 0
  }

  /** The peer allows more; what it allowed before is never taken back. */
  grant(credit: Credit): void {
    this.#credit = {
      messages: Math.max(credit.messages, this.#credit.messages),
      bytes: Math.max(credit.bytes, this.#credit.bytes),
    }
    this.pump()
  }

  /** The peer does not take this channel: those who wait are told, and those who send until the next try. */
  refuse(reason: MillraceError): void {
    this.#host = undefined
    this.#refusal = reason
    this.#rejectWaiting(reason)
  }

  acknowledged(count: number): void {
    this.#unacknowledged -= count
  }

  /** Accepts sends that waited, as far as there is room. */
  pump(): void {
    while (this.#waiting.length > 0 && this.#canAccept()) {
      const next = this.#waiting.shift()
      if (!next) return
      try {
        this.#stage(this.#codec.encode(next.value))
        next.accepted()
      } catch (error) {
        next.failed(error)
      }
    }
    if (this.#waiting.length > 0) this.#host?.waiting(this)
  }

  /** Hands over what is staged; the bytes are valid until the next send. */
  takeStaged(): { body: Buffer; first: number; count: number } {
    const body = this.#staging.subarray(0, this.#stagedBytes)
    const count = this.#stagedCount
    this.#stagedBytes = 0
    this.#stagedCount = 0
    // A buffer grown for one large message is not kept for small ones.
    if (this.#staging.length > frameTargetBytes) this.#staging = emptyStaging
    return { body, first: this.#accepted - count + 1, count }
  }

  #canAccept(): boolean {
    return (
      this.#host !== undefined &&
      this.#sentMessages < this.#credit.messages &&
      // The last message may go beyond it, so that one larger than the whole window can pass.
      this.#sentBytes < this.#credit.bytes &&
      this.#host.hasRoom()
    )
  }

  #accept(value: unknown): PromiseLike<void> | undefined {
    try {
      this.#stage(this.#codec.encode(value))
      return undefined
    } catch (error) {
      return rejected(error)
    }
  }

  #stage(bytes: Uint8Array): void {
    const host = this.#host
    if (!host) return
    const fits = this.#stagedBytes + bytes.length <= frameTargetBytes && this.#stagedCount < maxFrameMessages
    if (!fits && this.#stagedCount > 0) host.seal(this)
    this.#reserve(bytes.length)
    this.#staging.set(bytes, this.#stagedBytes)
    this.#stagedBytes += bytes.length
    this.#stagedCount++
    this.#sentMessages++
    this.#sentBytes += bytes.length
    this.#accepted++
    this.#unacknowledged++
    host.staged(this, bytes.length)
  }

  #reserve(more: number): void {
    const needed = this.#stagedBytes + more
    if (needed <= this.#staging.length) return
    const size = needed > frameTargetBytes ? needed : Math.min(frameTargetBytes, Math.max(1024, needed * 2))
    const larger = Buffer.allocUnsafe(size)
    this.#staging.copy(larger, 0, 0, this.#stagedBytes)
    this.#staging = larger
  }

  #rejectWaiting(reason: MillraceError): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const send of waiting) send.failed(reason)
  }

  #closedError(): MillraceError {
    return new MillraceError('LINK_DOWN', `the channel to "${this.node}.${this.port}" of a peer is closed`)
  }
}

const noCredit: Credit = { messages: 0, bytes: 0 }
const emptyStaging = Buffer.alloc(0)

function rejected(reason: unknown): Promise<void> {
  const promise = Promise.reject<void>(reason)
  promise.catch(() => {})
  return promise
}
