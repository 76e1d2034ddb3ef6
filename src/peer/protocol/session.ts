import { assertNever, isMillraceError, MillraceError } from '../../shared/index.ts'
import type { ExportedNode } from '../engine.ts'
import { broken, isErrorCode, printable } from './fields.ts'
import { encodeLoose, encodePacket, encodeSequenced, parsePacket } from './frame-codec.ts'
import { packetHeaderBytes, type Credit, type Frame, type LooseFrame, type SequencedFrame } from './frame.ts'
import type { IncomingChannel, IncomingHost } from './incoming-channel.ts'
import { frameTargetBytes, type OutgoingChannel, type OutgoingHost } from './outgoing-channel.ts'
import { ResendRing, type FrameMessages, type MessageOwner } from './resend-ring.ts'

/** What a session needs of its owner. Nothing of it may call back into the session before it returns, except `open*`. */
export interface SessionHost {
  write(packet: Buffer): void
  /** Whether the connection takes more now; if not, `flush` is called when it does. */
  writable(): boolean
  /** Asks for `flush` when this turn ends. */
  requestFlush(): void
  /** Asks for `acknowledge` after `acknowledgeAfterMs`. */
  requestAcknowledge(): void
  /** The peer wants to send here. @throws MillraceError to refuse. */
  openInport(node: string, port: string): IncomingChannel
  /** The peer wants what an outport emits. @throws MillraceError to refuse. */
  openOutport(node: string, port: string): { channel: OutgoingChannel; connect: () => void }
  directory(): readonly ExportedNode[]
  directoryArrived(request: number, nodes: readonly ExportedNode[]): void
  pongArrived(id: number): void
  /** The peer stops for good. */
  goodbye(received: number, reason: string): void
  /** The peer refused or closed a channel that was opened here. */
  outgoingRefused(channel: OutgoingChannel, reason: MillraceError): void
  incomingRefused(channel: IncomingChannel, reason: MillraceError): void
  /** The peer closed or unsubscribed from what it had opened. */
  outgoingShut(channel: OutgoingChannel): void
  counted(count: 'sent' | 'received' | 'duplicated', messages: number): void
}

/** How long a received frame may go unacknowledged when nothing travels the other way. */
export const acknowledgeAfterMs = 20

const ringLimits = { frames: 16 * 1024, bytes: 64 * 1024 * 1024 }
const acknowledgeFrames = 32
const acknowledgeBytes = 64 * 1024
const maxPeerChannels = 4096

/** What a session that ended leaves behind: enough to find out later what did arrive. */
export interface SessionRemains {
  readonly id: string
  /** The last place received in order. */
  readonly received: number
  /** Data frames that were not acknowledged, in order. */
  readonly unconfirmed: readonly { readonly sequence: number; readonly messages: FrameMessages }[]
}

/**
 * The conversation of two instances, through any number of connections: numbers what is sent, keeps it until it is acknowledged,
 * sends it again after a cut, and takes every frame once and in order. Pure: no sockets, no timers, no clock.
 */
export class Session implements OutgoingHost, IncomingHost {
  readonly id: string
  readonly #host: SessionHost
  readonly #ring = new ResendRing(ringLimits)
  readonly #outgoing = new Map<number, OutgoingChannel>()
  readonly #incoming = new Map<number, IncomingChannel>()
  /** Channels with messages that are no frame yet. */
  readonly #staging = new Set<OutgoingChannel>()
  #stagedBytes = 0
  readonly #waiting = new Set<OutgoingChannel>()
  readonly #granting = new Set<IncomingChannel>()
  #loose: Buffer[] = []
  #attached = false
  /** The last place written to the present connection. */
  #written = 0
  #received = 0
  #owedFrames = 0
  #owedBytes = 0
  #acknowledgeNow = false
  #nextChannel: number
  #lastPeerChannel: number

  /** `odd`: this side numbers its channels 1, 3, 5…; the two sides differ. */
  constructor(id: string, numbering: 'odd' | 'even', host: SessionHost) {
    this.id = id
    this.#host = host
    this.#nextChannel = numbering === 'odd' ? 1 : 2
    this.#lastPeerChannel = numbering === 'odd' ? 0 : -1
  }

  /** The last place received in order: what a new connection goes on from. */
  get received(): number {
    return this.#received
  }

  get outgoing(): ReadonlyMap<number, OutgoingChannel> {
    return this.#outgoing
  }

  get incoming(): ReadonlyMap<number, IncomingChannel> {
    return this.#incoming
  }

  /** Whether everything accepted has been acknowledged. */
  get drained(): boolean {
    return this.#ring.size === 0 && this.#staging.size === 0 && this.#waiting.size === 0
  }

  /** Opens a channel to a peer's inport. */
  openOutgoing(channel: OutgoingChannel): void {
    const id = this.#takeChannelId()
    this.#outgoing.set(id, channel)
    channel.bind(this, id)
    this.#push({
      type: 'open',
      mode: 'send',
      channel: id,
      node: channel.node,
      port: channel.port,
      credit: { messages: 0, bytes: 0 },
    })
  }

  /** Subscribes to a peer's outport. */
  openIncoming(channel: IncomingChannel): void {
    const id = this.#takeChannelId()
    this.#incoming.set(id, channel)
    const credit = channel.bind(this, id)
    this.#push({ type: 'open', mode: 'subscribe', channel: id, node: channel.node, port: channel.port, credit })
  }

  /** Ends a channel that receives. */
  closeIncoming(channel: IncomingChannel, reason: string): void {
    if (!this.#incoming.delete(channel.id)) return
    this.#granting.delete(channel)
    channel.cancel()
    this.#push({ type: 'shut', channel: channel.id, reason })
  }

  askDirectory(request: number): void {
    this.#push({ type: 'discover', request })
  }

  /** Sends a frame that is not kept; it overtakes what waits. */
  sendLoose(frame: LooseFrame): void {
    if (!this.#attached) return
    this.#loose.push(encodeLoose(frame))
    this.#host.requestFlush()
  }

  /**
   * A connection is there, and the peer has received up to this place: sends the rest again.
   * @throws MillraceError `PROTOCOL_ERROR` when that place was never reached.
   */
  attach(peerReceived: number): void {
    if (peerReceived > this.#ring.lastSequence || peerReceived < this.#ring.acknowledged)
      throw broken(`the peer goes on from ${peerReceived}, which is not within what was sent`)
    this.#attached = true
    this.#acknowledge(peerReceived)
    this.#written = peerReceived
    this.#loose = []
    // Credit that was under way is lost with the cut; it is absolute, so it is simply told again.
    for (const channel of this.#incoming.values()) this.#granting.add(channel)
    this.#acknowledgeNow = true
    this.#host.requestFlush()
  }

  /** The connection is gone; everything is kept for the next one. */
  detach(): void {
    this.#attached = false
    this.#loose = []
  }

  /** Takes a packet. @throws MillraceError `PROTOCOL_ERROR`: the session cannot go on. */
  receive(bytes: Uint8Array): void {
    const packet = parsePacket(bytes)
    this.#acknowledge(nearest(packet.ack, this.#ring.acknowledged))
    for (const frame of packet.frames) this.#receiveFrame(frame)
    if (this.#owedFrames === 0) return
    this.#owedBytes += bytes.length
    if (this.#owedFrames < acknowledgeFrames && this.#owedBytes < acknowledgeBytes) {
      this.#host.requestAcknowledge()
    } else {
      this.#acknowledgeNow = true
      this.#host.requestFlush()
    }
  }

  /** Writes an acknowledgement if one is owed. */
  acknowledge(): void {
    if (this.#owedFrames === 0) return
    this.#acknowledgeNow = true
    this.flush()
  }

  /** Makes frames of what is staged, and writes what the connection takes. */
  flush(): void {
    for (const channel of this.#staging) this.seal(channel)
    if (!this.#attached) return
    if (this.#granting.size > 0) this.#writeGrants()
    for (;;) {
      const frames = this.#loose
      this.#loose = []
      if (this.#host.writable()) this.#gather(frames)
      if (frames.length === 0) break
      this.#write(frames)
    }
    if (this.#acknowledgeNow) this.#write([])
  }

  /** Ends the session for good. `peerReceived`: the last place the peer says it took, if known. */
  end(peerReceived: number | undefined): SessionRemains {
    for (const channel of this.#staging) this.seal(channel)
    this.#attached = false
    if (peerReceived !== undefined) this.#acknowledge(Math.min(peerReceived, this.#ring.lastSequence))
    const unconfirmed = []
    for (const { sequence, messages } of this.#ring.takeAll()) if (messages) unconfirmed.push({ sequence, messages })
    for (const channel of this.#outgoing.values()) channel.unbind()
    for (const channel of this.#incoming.values()) channel.unbind()
    this.#waiting.clear()
    this.#granting.clear()
    return { id: this.id, received: this.#received, unconfirmed }
  }

  hasRoom(): boolean {
    return this.#ring.hasRoom(this.#stagedBytes)
  }

  staged(channel: OutgoingChannel, bytes: number): void {
    this.#staging.add(channel)
    this.#stagedBytes += bytes
    if (this.#stagedBytes >= frameTargetBytes) this.flush()
    else this.#host.requestFlush()
  }

  seal(channel: OutgoingChannel): void {
    if (!this.#staging.delete(channel)) return
    const { body, first, count } = channel.takeStaged()
    this.#stagedBytes -= body.length
    this.#host.counted('sent', count)
    this.#push({ type: 'data', channel: channel.id, count, body }, { channel, first, count })
  }

  waiting(channel: OutgoingChannel): void {
    this.#waiting.add(channel)
  }

  shut(channel: OutgoingChannel): void {
    this.#waiting.delete(channel)
    if (this.#outgoing.delete(channel.id))
      this.#push({ type: 'shut', channel: channel.id, reason: 'the sender closed it' })
  }

  grant(channel: IncomingChannel): void {
    this.#granting.add(channel)
    this.#host.requestFlush()
  }

  #receiveFrame(frame: Frame): void {
    if (!frame.sequenced) return this.#takeLoose(frame.frame)
    const sequence = nearest(frame.sequence, this.#received)
    if (sequence > this.#received + 1)
      throw broken(`frame ${sequence} came where ${this.#received + 1} was due: something between is missing`)
    this.#owedFrames++
    if (sequence <= this.#received) {
      if (frame.frame.type === 'data') this.#host.counted('duplicated', frame.frame.count)
      return undefined
    }
    this.#received = sequence
    return this.#take(frame.frame)
  }

  #take(frame: SequencedFrame): void {
    switch (frame.type) {
      case 'data': {
        this.#host.counted('received', frame.count)
        // A channel closed here may still get what was under way.
        this.#incoming.get(frame.channel)?.receive(frame.body, frame.count)
        return undefined
      }
      case 'open':
        return this.#takeOpen(frame)
      case 'opened':
        return this.#outgoing.get(frame.channel)?.grant(frame.credit)
      case 'refused':
        return this.#takeRefusal(frame.channel, refusalOf(frame.code, frame.reason))
      case 'shut':
        return this.#takeShut(frame.channel, printable(frame.reason))
      case 'discover':
        return this.#push({ type: 'directory', request: frame.request, nodes: this.#host.directory() })
      case 'directory':
        return this.#host.directoryArrived(frame.request, frame.nodes)
      case 'unknown':
        return undefined
      default:
        return assertNever(frame)
    }
  }

  #takeLoose(frame: LooseFrame): void {
    switch (frame.type) {
      case 'credit':
        for (const grant of frame.grants) this.#outgoing.get(grant.channel)?.grant(grant)
        return undefined
      case 'ping':
        return this.sendLoose({ type: 'pong', id: frame.id })
      case 'pong':
        return this.#host.pongArrived(frame.id)
      case 'goaway':
        return this.#host.goodbye(nearest(frame.received, this.#ring.acknowledged), printable(frame.reason))
      default:
        return assertNever(frame)
    }
  }

  #takeOpen(frame: SequencedFrame & { type: 'open' }): void {
    const { channel: id, node, port } = frame
    if (id <= this.#lastPeerChannel || (id - this.#lastPeerChannel) % 2 !== 0)
      throw broken(`the peer opened channel ${id}, which is not one of its numbers`)
    this.#lastPeerChannel = id
    try {
      if (this.#outgoing.size + this.#incoming.size >= maxPeerChannels)
        throw new MillraceError('LINK_REFUSED', `a link takes at most ${maxPeerChannels} channels`)
      if (frame.mode === 'send') this.#openInport(id, node, port)
      else this.#openOutport(id, node, port, frame.credit)
    } catch (error) {
      this.#outgoing.delete(id)
      const { code, message } = isMillraceError(error)
        ? error
        : new MillraceError('NOT_EXPORTED', `"${printable(node)}.${printable(port)}" cannot be opened`)
      this.#push({ type: 'refused', channel: id, code, reason: message })
    }
  }

  #openInport(id: number, node: string, port: string): void {
    const channel = this.#host.openInport(node, port)
    this.#incoming.set(id, channel)
    this.#push({ type: 'opened', channel: id, credit: channel.bind(this, id) })
  }

  #openOutport(id: number, node: string, port: string, credit: Credit): void {
    const { channel, connect } = this.#host.openOutport(node, port)
    this.#outgoing.set(id, channel)
    channel.bind(this, id)
    // Without credit yet nothing can overtake the answer.
    connect()
    this.#push({ type: 'opened', channel: id, credit: { messages: 0, bytes: 0 } })
    channel.grant(credit)
  }

  #takeRefusal(id: number, reason: MillraceError): void {
    const outgoing = this.#outgoing.get(id)
    const incoming = this.#incoming.get(id)
    this.#outgoing.delete(id)
    this.#incoming.delete(id)
    if (outgoing) {
      this.#waiting.delete(outgoing)
      outgoing.refuse(reason)
      this.#host.outgoingRefused(outgoing, reason)
    }
    if (incoming) {
      incoming.unbind()
      this.#host.incomingRefused(incoming, reason)
    }
  }

  #takeShut(id: number, reason: string): void {
    const own = id % 2 === this.#nextChannel % 2
    if (own) return this.#takeRefusal(id, new MillraceError('NOT_EXPORTED', `the peer closed the channel: ${reason}`))
    const incoming = this.#incoming.get(id)
    this.#incoming.delete(id)
    incoming?.finish(reason)
    const outgoing = this.#outgoing.get(id)
    this.#outgoing.delete(id)
    if (outgoing) this.#host.outgoingShut(outgoing)
    return undefined
  }

  #takeChannelId(): number {
    const id = this.#nextChannel
    this.#nextChannel += 2
    return id
  }

  #push(frame: Exclude<SequencedFrame, { type: 'unknown' }>, messages?: FrameMessages): void {
    this.#ring.push((sequence) => encodeSequenced(frame, sequence), messages)
    this.#host.requestFlush()
  }

  #acknowledge(sequence: number): void {
    if (sequence > this.#ring.lastSequence) throw broken(`the peer acknowledges ${sequence}, which was never sent`)
    if (sequence <= this.#ring.acknowledged) return
    this.#ring.acknowledge(sequence)
    if (this.#waiting.size === 0 || !this.hasRoom()) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const channel of waiting) channel.pump()
  }

  #writeGrants(): void {
    const grants = [...this.#granting].map((channel) => ({ channel: channel.id, ...channel.takeGrant() }))
    this.#granting.clear()
    this.#loose.push(encodeLoose({ type: 'credit', grants }))
  }

  /** Adds kept frames that this connection has not had, up to the size of a packet. */
  #gather(frames: Buffer[]): void {
    let size = 0
    while (size < frameTargetBytes) {
      const next = this.#ring.at(this.#written + 1)
      if (!next || (size > 0 && size + next.bytes.length > 2 * frameTargetBytes)) return
      size += next.bytes.length - packetHeaderBytes
      frames.push(next.bytes)
      this.#written++
    }
  }

  #write(frames: readonly Buffer[]): void {
    this.#owedFrames = 0
    this.#owedBytes = 0
    this.#acknowledgeNow = false
    this.#host.write(frames.length === 0 ? encodeEmptyPacket(this.#received) : encodePacket(frames, this.#received))
  }
}

/** The messages of a session that nobody will confirm any more, by channel, as ranges of message numbers. */
export function unconfirmedRanges(
  remains: SessionRemains,
): { channel: MessageOwner; from: number; to: number; count: number }[] {
  const byChannel = new Map<MessageOwner, { channel: MessageOwner; from: number; to: number; count: number }>()
  for (const { messages } of remains.unconfirmed) {
    const to = messages.first + messages.count - 1
    const range = byChannel.get(messages.channel)
    if (range) {
      range.to = to
      range.count += messages.count
    } else
      byChannel.set(messages.channel, { channel: messages.channel, from: messages.first, to, count: messages.count })
  }
  return [...byChannel.values()]
}

function encodeEmptyPacket(ack: number): Buffer {
  const packet = Buffer.alloc(packetHeaderBytes)
  return encodePacket([packet], ack).fill(0, 2, 4)
}

/** The whole number with these low 32 bits that is nearest to one that is known. */
function nearest(low: number, known: number): number {
  const difference = (low - known) | 0
  return known + difference
}

function refusalOf(code: string, reason: string): MillraceError {
  return new MillraceError(isErrorCode(code) ? code : 'LINK_REFUSED', printable(reason))
}
