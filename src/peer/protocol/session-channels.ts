import { type DeliveryMode, isMillraceError, MillraceError } from '../../shared/index.ts'
import { broken, isErrorCode, printable } from './fields.ts'
import type { Credit, SequencedFrame, TakenCount } from './frame.ts'
import type { IncomingChannel, IncomingHost } from './incoming-channel.ts'
import type { OutgoingChannel, OutgoingHost } from './outgoing-channel.ts'
import type { UntakenMessages } from './resend-ring.ts'

const maxPeerChannels = 4096

/** What the channels of a session need of whoever exports nodes and opens channels. */
export interface ChannelHost {
  /** The peer wants to send here. @throws MillraceError to refuse. */
  openInport(node: string, port: string, delivery: DeliveryMode): IncomingChannel
  /** The peer wants what an outport emits. @throws MillraceError to refuse, from `connect` too. */
  openOutport(node: string, port: string, delivery: DeliveryMode): { channel: OutgoingChannel; connect: () => void }
  /** The peer refused or closed a channel that was opened here. */
  outgoingRefused(channel: OutgoingChannel, reason: MillraceError): void
  incomingRefused(channel: IncomingChannel, reason: MillraceError): void
  /** The peer unsubscribed from what it had opened. */
  outgoingShut(channel: OutgoingChannel): void
}

/** What the channels of a session need of it. */
export interface ChannelSession extends OutgoingHost, IncomingHost {
  push(frame: Exclude<SequencedFrame, { type: 'unknown' | 'data' }>): void
}

/** The numbered channels of one session, both ways: who opened which, and what the peer says about them. */
export class SessionChannels {
  readonly #session: ChannelSession
  readonly #host: ChannelHost
  readonly #outgoing = new Map<number, OutgoingChannel>()
  readonly #incoming = new Map<number, IncomingChannel>()
  #next: number
  #lastOfPeer: number

  /** `odd`: this side numbers its channels 1, 3, 5…; the two sides differ. */
  constructor(numbering: 'odd' | 'even', session: ChannelSession, host: ChannelHost) {
    this.#session = session
    this.#host = host
    this.#next = numbering === 'odd' ? 1 : 2
    this.#lastOfPeer = numbering === 'odd' ? 0 : -1
  }

  get outgoing(): ReadonlyMap<number, OutgoingChannel> {
    return this.#outgoing
  }

  get incoming(): ReadonlyMap<number, IncomingChannel> {
    return this.#incoming
  }

  openOutgoing(channel: OutgoingChannel): void {
    const id = this.#takeId()
    this.#outgoing.set(id, channel)
    channel.bind(this.#session, id)
    const { node, port, delivery } = channel
    this.#session.push({ type: 'open', mode: 'send', channel: id, node, port, credit: noCredit, delivery })
  }

  openIncoming(channel: IncomingChannel): void {
    const id = this.#takeId()
    this.#incoming.set(id, channel)
    const credit = channel.bind(this.#session, id)
    const { node, port, delivery } = channel
    this.#session.push({ type: 'open', mode: 'subscribe', channel: id, node, port, credit, delivery })
  }

  /** A receiving channel that was opened here asks the peer to stop; what is under way still comes, then the peer's own `shut`. */
  drainIncoming(channel: IncomingChannel, reason: string): void {
    channel.drain()
    this.#session.push({ type: 'shut', channel: channel.id, reason })
  }

  /** A sending channel was closed here. */
  closeOutgoing(channel: OutgoingChannel): void {
    if (this.#outgoing.delete(channel.id))
      this.#session.push({ type: 'shut', channel: channel.id, reason: 'the sender closed it' })
  }

  /** What a sending channel leads to is there no longer: what was accepted is sent, and the rest refused. */
  giveUpOutgoing(channel: OutgoingChannel, reason: MillraceError): void {
    channel.refuse(reason)
    this.closeOutgoing(channel)
    this.#host.outgoingRefused(channel, reason)
  }

  // A channel that was closed here may still get what was under way.
  takeData({ channel, body, count, check }: SequencedFrame & { type: 'data' }): void {
    this.#incoming.get(channel)?.receive(body, count, check)
  }

  takePart(id: number, body: Uint8Array): void {
    this.#incoming.get(id)?.receivePart(body)
  }

  takeGap(id: number, count: number): void {
    this.#incoming.get(id)?.skip(count)
  }

  takeCredit(id: number, credit: Credit): void {
    this.#outgoing.get(id)?.grant(credit)
  }

  takeOpen(frame: SequencedFrame & { type: 'open' }): void {
    const { channel: id, node, port } = frame
    if (id <= this.#lastOfPeer || (id - this.#lastOfPeer) % 2 !== 0)
      throw broken(`the peer opened channel ${id}, which is not one of its numbers`)
    this.#lastOfPeer = id
    try {
      if (this.#outgoing.size + this.#incoming.size >= maxPeerChannels)
        throw new MillraceError('LINK_REFUSED', `a link takes at most ${maxPeerChannels} channels`)
      if (frame.mode === 'send') this.#openInport(frame)
      else this.#openOutport(frame)
    } catch (error) {
      this.#outgoing.delete(id)
      const what = `"${printable(node)}.${printable(port)}" cannot be opened`
      const { code, message } = isMillraceError(error) ? error : new MillraceError('NOT_EXPORTED', what)
      this.#session.push({ type: 'refused', channel: id, code, reason: message })
    }
  }

  takeTaken(id: number, messages: number): void {
    this.#outgoing.get(id)?.takenThere(messages)
  }

  /** What is new of how far actors here have come, and whether they have not taken all yet. */
  takeTakenCounts(): { counts: TakenCount[]; isBehind: boolean } {
    const counts: TakenCount[] = []
    let isBehind = false
    for (const channel of this.#incoming.values()) {
      if (!channel.isBehind) continue
      const messages = channel.takeTaken()
      if (messages !== undefined) counts.push({ channel: channel.id, messages })
      isBehind ||= channel.isBehind
    }
    return { counts, isBehind }
  }

  /** What lies in queues of the peer, as far as is known. */
  untakenThere(): UntakenMessages[] {
    return [...this.#outgoing.values()].flatMap((channel) => {
      const range = channel.untakenThere
      return range ? [{ channel, ...range }] : []
    })
  }

  takeRefusal(id: number, code: string, reason: string): void {
    this.#drop(id, new MillraceError(isErrorCode(code) ? code : 'LINK_REFUSED', printable(reason)))
  }

  takeShut(id: number, reason: string): void {
    const own = id % 2 === this.#next % 2
    const text = printable(reason)
    if (own) return this.#drop(id, new MillraceError('NOT_EXPORTED', `the peer closed the channel: ${text}`))
    const incoming = this.#incoming.get(id)
    const outgoing = this.#outgoing.get(id)
    this.#incoming.delete(id)
    incoming?.finish(text)
    // Its end follows the last message of the channel, so the peer knows that it has them all.
    if (outgoing) this.#host.outgoingShut(outgoing)
    return undefined
  }

  /** The session is over. */
  unbindAll(): void {
    for (const channel of this.#outgoing.values()) channel.unbind()
    for (const channel of this.#incoming.values()) channel.unbind()
  }

  #openInport({ channel: id, node, port, delivery }: SequencedFrame & { type: 'open' }): void {
    const channel = this.#host.openInport(node, port, delivery)
    this.#incoming.set(id, channel)
    this.#session.push({ type: 'opened', channel: id, credit: channel.bind(this.#session, id) })
  }

  #openOutport({ channel: id, node, port, delivery, credit }: SequencedFrame & { type: 'open' }): void {
    const { channel, connect } = this.#host.openOutport(node, port, delivery)
    this.#outgoing.set(id, channel)
    channel.bind(this.#session, id)
    // Without credit yet nothing can overtake the answer.
    connect()
    this.#session.push({ type: 'opened', channel: id, credit: noCredit })
    channel.grant(credit)
  }

  /** The peer has nothing under this number, or no longer. */
  #drop(id: number, reason: MillraceError): void {
    const outgoing = this.#outgoing.get(id)
    const incoming = this.#incoming.get(id)
    this.#outgoing.delete(id)
    this.#incoming.delete(id)
    if (outgoing) {
      outgoing.refuse(reason)
      this.#host.outgoingRefused(outgoing, reason)
    }
    if (incoming?.draining === true) incoming.finish('unsubscribed')
    else if (incoming) {
      incoming.unbind()
      this.#host.incomingRefused(incoming, reason)
    }
  }

  #takeId(): number {
    const id = this.#next
    this.#next += 2
    return id
  }
}

const noCredit: Credit = { messages: 0, bytes: 0 }
