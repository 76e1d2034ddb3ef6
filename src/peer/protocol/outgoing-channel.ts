import { type DeliveryMode, MillraceError } from '../../shared/index.ts'
import type { OutboundChannel } from '../engine.ts'
import { frameRoomBytes, partBytes, type Credit } from './frame.ts'
import type { OutgoingFrame } from './outgoing-frame.ts'
import { OutgoingParts } from './outgoing-parts.ts'
import { Staging } from './staging.ts'
import type { ValueCodec } from './value-codec.ts'
import { WaitingSends } from './waiting-sends.ts'

/** What a session does for the channels that send through it. */
export interface OutgoingHost {
  /** Whether there is a connection now. */
  readonly attached: boolean
  /** Whether another message may be accepted: the resend ring has room, and the peer wants more. */
  hasRoom(): boolean
  /** The channel has something for `takeFrame`, of so many more bytes about. */
  staged(channel: OutgoingChannel, bytes: number): void
  /** The channel has sends that wait; tell it with `pump` when the ring has room again. */
  waiting(channel: OutgoingChannel): void
  /** The channel was closed here, and what it had accepted has been sent. */
  shut(channel: OutgoingChannel): void
}

/** What a channel tells its owner. */
export interface OutgoingReports {
  /** Messages that were accepted and will not be sent. */
  lost(channel: OutgoingChannel, range: { from: number; to: number }, reason: string): void
}

/** The sending end of a channel: takes messages, batches and encodes them, and keeps to the credit. Outlives the session it is bound to. */
export class OutgoingChannel implements OutboundChannel {
  readonly node: string
  readonly port: string
  readonly delivery: DeliveryMode
  readonly #reports: OutgoingReports | undefined
  readonly #staging: Staging
  readonly #whenClosed: () => void
  #host: OutgoingHost | undefined
  #id = 0
  #credit: Credit = noCredit
  /** In this session: what credit is measured by. */
  #sentMessages = 0
  #sentBytes = 0
  /** Over the life of the channel. */
  #accepted = 0
  /** Of them, those of earlier sessions. */
  #before = 0
  /** Of this session, those that actors of the peer have for certain. */
  #taken = 0
  #unacknowledged = 0
  /** A message too long for one frame, as far as it has not been sent. */
  #parts: OutgoingParts | undefined
  /** Messages given up that the peer has not been told of. */
  #gap = 0
  /** Of them, the newest ones that the owner has not been told of either. */
  #dropped = 0
  readonly #waiting = new WaitingSends()
  #refusal: MillraceError | undefined
  #closed = false

  constructor(
    end: { node: string; port: string; delivery?: DeliveryMode },
    parts: { codec: ValueCodec; reports?: OutgoingReports; whenClosed?: (channel: OutgoingChannel) => void },
  ) {
    this.node = end.node
    this.port = end.port
    this.delivery = end.delivery ?? 'reliable'
    this.#reports = parts.reports
    this.#staging = new Staging(parts.codec)
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
    return this.#waiting.count + (this.#host ? this.#staging.count + (this.#parts ? 1 : 0) : this.#unacknowledged)
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

  /** Accepted and not part of any frame yet: the end of what has been accepted. */
  get unsent(): number {
    return this.#staging.count + (this.#parts ? 1 : 0)
  }

  /** Whether `takeFrame` might answer something. */
  get ready(): boolean {
    return this.#gap > 0 || this.unsent > 0
  }

  send(value: unknown): PromiseLike<void> | undefined {
    if (this.#refusal) return rejected(this.#refusal)
    if (this.#closed) return rejected(this.#closedError())
    if (this.delivery === 'latest') return this.#replace(value)
    if (this.delivery === 'at-most-once' && !this.#host?.attached) return this.#drop()
    if (this.#waiting.count === 0 && this.#canAccept()) return this.#accept(value)
    this.#host?.waiting(this)
    return this.#waiting.add(value, `${this.node}.${this.port}`)
  }

  whenReady(run: () => void): (() => void) | undefined {
    if (this.#answersAtOnce()) return undefined
    this.#host?.waiting(this)
    return this.#waiting.watch(run)
  }

  close(reason: MillraceError = this.#closedError()): void {
    if (this.#closed) return
    this.#closed = true
    this.#waiting.reject(reason)
    this.#reportDropped()
    this.settle()
    this.#whenClosed()
  }

  /** Ends in the session, once closed and with nothing left to send. */
  settle(): void {
    if (!this.#closed || this.unsent > 0) return
    const host = this.#host
    this.#host = undefined
    host?.shut(this)
  }

  /** Goes on in a new session, under this number and without credit yet. */
  bind(host: OutgoingHost, id: number): void {
    this.#host = host
    this.#id = id
    this.#credit = noCredit
    this.#sentMessages = 0
    this.#sentBytes = 0
    this.#unacknowledged = this.#staging.count
    this.#before = this.#accepted - this.#staging.count - this.#dropped
    this.#taken = 0
    this.#refusal = undefined
    this.#reportDropped()
    if (this.#staging.count > 0) host.staged(this, this.#staging.bytes)
  }

  /** The session is over for good; sends wait for the next one, and so does the newest message of `latest`. */
  unbind(): void {
    this.#host = undefined
    this.#parts = undefined
    this.#gap = 0
    if (this.delivery !== 'latest' || this.#unacknowledged === 0) this.#staging.clear()
    else if (this.#staging.count === 0) this.#staging.restore()
    this.#unacknowledged = 0
  }

  /** There is a connection again. */
  attached(): void {
    this.#reportDropped()
  }

  /** The connection is gone: what only a present peer is to get waits no longer. */
  detached(): void {
    if (this.delivery !== 'at-most-once') return
    const { unsent } = this
    this.#dropped += unsent
    this.#gap += unsent
    this.#unacknowledged -= unsent
    this.#host?.staged(this, -this.#staging.bytes)
    this.#staging.clear()
    this.#parts = undefined
    for (const send of this.#waiting.takeAll()) {
      this.#drop()
      send.accepted()
    }
    this.#waiting.tell()
  }

  /** The peer allows more; what it allowed before is never taken back. */
  grant(credit: Credit): void {
    this.#credit = {
      messages: Math.max(credit.messages, this.#credit.messages),
      bytes: Math.max(credit.bytes, this.#credit.bytes),
    }
    this.pump()
    if (this.ready) this.#host?.staged(this, 0)
  }

  /** The peer does not take this channel: those who wait are told, and those who send until the next try. */
  refuse(reason: MillraceError): void {
    const unsent = this.#staging.count
    if (unsent > 0) this.#reports?.lost(this, { from: this.#accepted - unsent + 1, to: this.#accepted }, reason.message)
    this.#host?.staged(this, -this.#staging.bytes)
    this.#staging.clear()
    this.#parts = undefined
    this.#host = undefined
    this.#refusal = reason
    this.#waiting.reject(reason)
  }

  /** Actors of the peer have so many messages of this session. */
  takenThere(messages: number): void {
    this.#taken = Math.max(this.#taken, Math.min(messages, this.#accepted - this.#before))
  }

  /** What the peer has received in this session and no actor of it is known to have; `undefined` when there is no such thing. */
  get untakenThere(): { from: number; to: number } | undefined {
    const range = { from: this.#before + this.#taken + 1, to: this.#accepted - this.#unacknowledged }
    return this.delivery === 'latest' || range.to < range.from ? undefined : range
  }

  acknowledged(count: number): void {
    this.#unacknowledged -= count
    if (this.#unacknowledged === 0) this.#staging.forget()
  }

  /** Sent and lost with the connection; the peer is told instead of sent it again. */
  skipped(range: { from: number; to: number }): void {
    this.#unacknowledged -= range.to - range.from + 1
    if (this.delivery === 'at-most-once') this.#reports?.lost(this, range, 'it was under way when the link was cut')
  }

  /** Accepts sends that waited, as far as there is room. */
  pump(): void {
    while (this.#waiting.count > 0 && this.#canAccept()) {
      const next = this.#waiting.shift()
      if (!next) return
      try {
        this.#stage(next.value)
        next.accepted()
      } catch (error) {
        next.failed(error)
      }
    }
    if (this.#waiting.count === 0 && this.#canAccept()) this.#waiting.tell()
    if (this.#waiting.isHeard) this.#host?.waiting(this)
  }

  /** What to send next, if credit allows. */
  takeFrame(): OutgoingFrame | undefined {
    if (this.#gap > 0) return this.#takeGap()
    if (this.#sentBytes >= this.#credit.bytes) return undefined
    if (this.#parts) return this.#takePart(this.#parts)
    if (this.#staging.count === 0) return undefined
    if (this.delivery === 'latest' && this.#sentMessages >= this.#credit.messages) return undefined
    return this.#takeStaged()
  }

  #takeStaged(): OutgoingFrame | undefined {
    const first = this.#accepted - this.#staging.count + 1
    const { framed, count, released, failures } = this.#staging.take()
    for (const { index, reason } of failures) {
      const number = first + index
      this.#reports?.lost(this, { from: number, to: number }, reason)
    }
    if (this.delivery === 'latest') this.#sentMessages += count
    if (failures.length > 0) {
      // They cannot be told apart in a frame's numbers, so nothing is sent for them but that they are missing.
      this.#unacknowledged -= failures.length
      this.#gap += failures.length
    }
    const sent = count - failures.length
    if (!framed || sent === 0) return { ...this.#takeGap(), released }
    if (framed.length - frameRoomBytes <= partBytes || sent > 1) {
      this.#sentBytes += framed.length - frameRoomBytes
      return { type: 'data', framed, first, count: sent, released }
    }
    this.#parts = new OutgoingParts(framed.subarray(frameRoomBytes), first)
    return { ...this.#takePart(this.#parts), released }
  }

  #takePart(parts: OutgoingParts): OutgoingFrame {
    const body = parts.next()
    this.#sentBytes += body.length
    if (!parts.done) return { type: 'part', body, released: 0 }
    this.#parts = undefined
    return { type: 'last', body, check: parts.check, first: parts.number, released: 0 }
  }

  #takeGap(): OutgoingFrame & { type: 'gap' } {
    const count = this.#gap
    this.#gap = 0
    return { type: 'gap', count, released: 0 }
  }

  #answersAtOnce(): boolean {
    if (this.#refusal || this.#closed || this.delivery === 'latest') return true
    if (this.delivery === 'at-most-once' && !this.#host?.attached) return true
    return this.#waiting.count === 0 && this.#canAccept()
  }

  #canAccept(): boolean {
    return (
      this.#host !== undefined &&
      this.#sentMessages < this.#credit.messages &&
      // The last message may go beyond it, so that one larger than the whole window can pass.
      this.#sentBytes + this.#staging.bytes + (this.#parts?.left ?? 0) < this.#credit.bytes &&
      this.#host.hasRoom()
    )
  }

  #accept(value: unknown): PromiseLike<void> | undefined {
    try {
      this.#stage(value)
      return undefined
    } catch (error) {
      return rejected(error)
    }
  }

  #stage(value: unknown): void {
    const bytes = this.#staging.put(value)
    this.#sentMessages++
    this.#accepted++
    this.#unacknowledged++
    this.#host?.staged(this, bytes)
  }

  /** The newest message takes the place of one that has not gone yet. */
  #replace(value: unknown): PromiseLike<void> | undefined {
    try {
      const replaced = this.#staging.count
      const bytesBefore = this.#staging.bytes
      const bytes = this.#staging.replace(value)
      this.#accepted++
      if (this.#host) {
        this.#gap += replaced
        this.#sentMessages += replaced
      }
      this.#unacknowledged += 1 - replaced
      this.#host?.staged(this, bytes - bytesBefore)
      return undefined
    } catch (error) {
      return rejected(error)
    }
  }

  /** There is no connection: whoever sends to a present peer only has lost it. */
  #drop(): undefined {
    this.#accepted++
    this.#dropped++
    if (!this.#host) return
    this.#gap++
    this.#sentMessages++
    this.#host.staged(this, 0)
  }

  #reportDropped(): void {
    if (this.#dropped === 0) return
    const range = { from: this.#accepted - this.#dropped + 1, to: this.#accepted }
    this.#dropped = 0
    this.#reports?.lost(this, range, 'there was no connection')
  }

  #closedError(): MillraceError {
    return new MillraceError('LINK_DOWN', `the channel to "${this.node}.${this.port}" of a peer is closed`)
  }
}

const noCredit: Credit = { messages: 0, bytes: 0 }

function rejected(reason: unknown): Promise<void> {
  const promise = Promise.reject<void>(reason)
  promise.catch(() => {})
  return promise
}
