import { type DeliveryMode, describeError } from '../../shared/index.ts'
import type { MessageSink } from '../engine.ts'
import { broken } from './fields.ts'
import type { Credit } from './frame.ts'
import { IncomingParts } from './incoming-parts.ts'
import type { ValueCodec } from './value-codec.ts'

/** What may be under way to one channel: granted, and not yet taken by the sink. */
export const channelWindow: Credit = { messages: 1024, bytes: 8 * 1024 * 1024 }

/** What a session does for the channels that receive through it. */
export interface IncomingHost {
  /** The channel has room to grant; ask it with `takeGrant` when this turn ends. */
  grant(channel: IncomingChannel): void
}

/** What a channel tells its owner. */
export interface IncomingReports {
  /** Messages that arrived and could not be handed to the sink, and why. */
  lost(channel: IncomingChannel, range: { from: number; to: number }, reason: string): void
  /** A sink threw; `lost` follows. */
  sinkFailed(channel: IncomingChannel, reason: string): void
  /** The channel is over: everything was handed over or given up, and the sink has been told. */
  finished?(channel: IncomingChannel): void
}

interface ReceivedFrame {
  /** Absent for messages that never came. */
  readonly body: Uint8Array | undefined
  readonly count: number
  /** Whether the body was put together here, so that nobody else has its bytes. */
  readonly own: boolean
}

/** The receiving end of a channel: hands messages to its sink one by one, and grants credit for what was taken. */
export class IncomingChannel {
  readonly node: string
  readonly port: string
  readonly delivery: DeliveryMode
  readonly #sink: MessageSink
  readonly #codec: ValueCodec
  readonly #reports: IncomingReports
  #host: IncomingHost | undefined
  #id = 0
  #frames: ReceivedFrame[] = []
  readonly #parts = new IncomingParts()
  #values: unknown[] = []
  #nextValue = 0
  #valueBytes = 0
  /** Over the life of the channel. */
  #received = 0
  #taken = 0
  #queuedBytes = 0
  /** In this session. */
  #sessionMessages = 0
  #sessionBytes = 0
  #granted: Credit = { messages: 0, bytes: 0 }
  /** How many the peer has been told are taken by actors. */
  #told = 0
  #busy = false
  #pumping = false
  /** How many have asked it to hand over nothing yet. */
  #holds = 0
  #closing: string | undefined
  #cancelled = false
  /** The peer has been told to stop; what it sent before is still handed over. */
  #draining = false
  /** The sink has been told. */
  #over = false
  #whenIdle: (() => void)[] = []

  constructor(
    end: { node: string; port: string; sink: MessageSink; delivery?: DeliveryMode },
    parts: { codec: ValueCodec; reports: IncomingReports },
  ) {
    this.node = end.node
    this.port = end.port
    this.delivery = end.delivery ?? 'reliable'
    this.#sink = end.sink
    this.#codec = parts.codec
    this.#reports = parts.reports
  }

  get id(): number {
    return this.#id
  }

  get bound(): boolean {
    return this.#host !== undefined
  }

  get cancelled(): boolean {
    return this.#cancelled
  }

  get draining(): boolean {
    return this.#draining
  }

  /** Messages received, ever. */
  get received(): number {
    return this.#received
  }

  /** Messages that the sink took, or that were given up. */
  get taken(): number {
    return this.#taken
  }

  /** Messages received and not yet taken. */
  get queued(): number {
    return this.#received - this.#taken
  }

  /** Messages the peer may still send. */
  get credit(): number {
    return this.#host ? this.#granted.messages - this.#sessionMessages : 0
  }

  /** Goes on in a new session; the answer is the credit to open with. */
  bind(host: IncomingHost, id: number): Credit {
    this.#host = host
    this.#id = id
    this.#sessionMessages = 0
    this.#sessionBytes = 0
    this.#parts.clear()
    this.#told = 0
    this.#granted = { messages: 0, bytes: 0 }
    return this.takeGrant()
  }

  /** The session is over for good; what was received is still handed over. */
  unbind(): void {
    this.#host = undefined
    if (this.#draining) this.finish('unsubscribed')
  }

  /** The peer has been told to stop: what it sent before is still handed over, until `finish`. */
  drain(): void {
    this.#draining = true
  }

  /** Hands over nothing before the other channel has handed over all: both feed the same port. */
  startAfter(other: IncomingChannel): void {
    if (other.queued > 0) other.onIdle(this.hold())
  }

  /** Hands over nothing until what this returns is called; safe to call twice. */
  hold(): () => void {
    let held = true
    this.#holds++
    return () => {
      if (!held) return
      held = false
      this.#holds--
      this.#pump()
    }
  }

  /** @throws MillraceError `PROTOCOL_ERROR` when the peer sends more than it was granted, or parts that make no whole. */
  receive(body: Uint8Array, count: number, check?: number): void {
    if (this.#cancelled) return this.#receiveLate(count)
    this.#spend(body.length)
    if (this.#sessionMessages + count > this.#granted.messages) throw this.#beyondCredit()
    if (check === undefined && this.#parts.begun) throw broken('a message ends before all of its parts came')
    this.#sessionMessages += count
    const whole = check === undefined ? body : this.#parts.assemble(body, check)
    this.#received += count
    this.#queuedBytes += whole.length
    if (this.delivery === 'latest') this.#overtake()
    this.#frames.push({ body: whole, count, own: check !== undefined })
    return this.#pump()
  }

  /** Takes the beginning, or more, of the next body. @throws MillraceError `PROTOCOL_ERROR`. */
  receivePart(body: Uint8Array): void {
    if (this.#cancelled) return
    this.#spend(body.length)
    this.#parts.add(body)
    this.#grantIfFreed()
  }

  /** So many messages will never come. */
  skip(count: number): void {
    this.#parts.clear()
    if (this.#cancelled) return
    this.#sessionMessages += count
    this.#received += count
    this.#frames.push({ body: undefined, count, own: false })
    this.#pump()
  }

  /** What the peer may send up to now; remembered as granted. */
  takeGrant(): Credit {
    this.#granted = this.#limit()
    return this.#granted
  }

  /** Whether the peer has not been told of all its messages that actors have them. */
  get isBehind(): boolean {
    return this.#told < this.#sessionMessages
  }

  /** How many messages of this session actors have for certain, if those are more than the peer knows; remembered as told. */
  takeTaken(): number | undefined {
    const taken = this.#sessionMessages - this.queued - (this.#sink.untaken?.() ?? 0)
    if (taken <= this.#told) return undefined
    this.#told = taken
    return taken
  }

  /** What was told may have been lost with the connection. */
  tellAnew(): void {
    this.#told = 0
  }

  /** No message follows: closes the sink once it has taken all. */
  finish(reason: string): void {
    this.#host = undefined
    this.#closing ??= reason
    this.#settle()
  }

  /** Gives up what the sink has not taken, reports it, and closes the sink. */
  abandon(reason: string): void {
    const range = { from: this.#taken + 1, to: this.#received }
    this.#cancelled = true
    this.#host = undefined
    this.#closing ??= reason
    this.#drop()
    if (range.to >= range.from) this.#reports.lost(this, range, reason)
    this.#settle()
  }

  /** Runs once everything received has been taken; at once if it has. */
  onIdle(run: () => void): void {
    if (this.queued === 0) run()
    else this.#whenIdle.push(run)
  }

  #spend(bytes: number): void {
    if (this.#sessionBytes >= this.#granted.bytes) throw this.#beyondCredit()
    this.#sessionBytes += bytes
  }

  #beyondCredit(): Error {
    return broken(`the peer sent more to "${this.node}.${this.port}" than it was granted`)
  }

  /** A subscription that ended with the connection may still get what the peer sent before it heard of that. */
  #receiveLate(count: number): void {
    const range = { from: this.#received + 1, to: this.#received + count }
    this.#received += count
    this.#taken += count
    this.#reports.lost(this, range, 'it came after the subscription had ended')
  }

  /** Only the newest message counts: those before it that have not been handed over are skipped. */
  #overtake(): void {
    for (const { body, count } of this.#frames.splice(0)) {
      this.#taken += count
      this.#queuedBytes -= body?.length ?? 0
    }
    this.#taken += this.#values.length - this.#nextValue
    this.#nextValue = this.#values.length
  }

  #limit(): Credit {
    const { messages, bytes } = channelWindow
    return {
      messages: this.#sessionMessages + Math.max(0, messages - this.queued),
      bytes: this.#sessionBytes + Math.max(0, bytes - this.#queuedBytes),
    }
  }

  #pump(): void {
    if (this.#pumping || this.#holds > 0) return
    this.#pumping = true
    while (!this.#busy && !this.#cancelled && this.#loadValues()) this.#deliver(this.#values[this.#nextValue++])
    this.#pumping = false
    this.#grantIfFreed()
    this.#settle()
  }

  /** Whether there is a value to hand over. */
  #loadValues(): boolean {
    while (this.#nextValue >= this.#values.length) {
      this.#queuedBytes -= this.#valueBytes
      this.#valueBytes = 0
      this.#values = []
      this.#nextValue = 0
      const frame = this.#frames.shift()
      if (!frame) return false
      const { body, count } = frame
      if (body === undefined) {
        this.#taken += count
        continue
      }
      this.#valueBytes = body.length
      this.#values = this.#decode(body, frame)
      if (this.delivery === 'latest' && count > 1) {
        this.#nextValue = Math.max(0, this.#values.length - 1)
        this.#taken += this.#nextValue
      }
    }
    return true
  }

  #decode(body: Uint8Array, frame: ReceivedFrame): unknown[] {
    try {
      const values = this.#codec.decodeAll(body, frame)
      if (values.length === frame.count) return values
      this.#loseFrame(frame, `${values.length} messages came where ${frame.count} were announced`)
    } catch (error) {
      this.#loseFrame(frame, describeError(error))
    }
    return []
  }

  #loseFrame(frame: ReceivedFrame, reason: string): void {
    const range = { from: this.#taken + 1, to: this.#taken + frame.count }
    this.#taken += frame.count
    this.#reports.lost(this, range, reason)
  }

  #deliver(value: unknown): void {
    let waiting: PromiseLike<void> | undefined
    try {
      waiting = this.#sink.deliver(value)
    } catch (error) {
      this.#fail(error)
    }
    if (waiting === undefined) {
      this.#taken++
      return
    }
    this.#busy = true
    const taken = () => {
      this.#busy = false
      if (this.#cancelled) return
      this.#taken++
      this.#pump()
    }
    waiting.then(taken, (error: unknown) => {
      // A channel that has been given up reported this message then.
      if (!this.#cancelled) this.#fail(error)
      taken()
    })
  }

  /** The sink did not take a message: it is lost, and said to be. */
  #fail(error: unknown): void {
    const reason = describeError(error)
    const number = this.#taken + 1
    this.#reports.sinkFailed(this, reason)
    this.#reports.lost(this, { from: number, to: number }, reason)
  }

  #grantIfFreed(): void {
    if (!this.#host) return
    const { messages, bytes } = channelWindow
    const isFreed =
      this.#sessionMessages + Math.max(0, messages - this.queued) - this.#granted.messages >= messages / 4 ||
      this.#sessionBytes + Math.max(0, bytes - this.#queuedBytes) - this.#granted.bytes >= bytes / 4
    if (isFreed) this.#host.grant(this)
  }

  #drop(): void {
    this.#frames = []
    this.#values = []
    this.#nextValue = 0
    this.#queuedBytes = 0
    this.#valueBytes = 0
    this.#taken = this.#received
  }

  #settle(): void {
    if (this.queued > 0) return
    if (this.#whenIdle.length > 0) for (const run of this.#whenIdle.splice(0)) run()
    if (this.#closing === undefined || this.#over) return
    const reason = this.#closing
    this.#over = true
    this.#cancelled = true
    try {
      this.#sink.closed?.(reason)
    } catch (error) {
      this.#reports.sinkFailed(this, describeError(error))
    }
    this.#reports.finished?.(this)
  }
}
