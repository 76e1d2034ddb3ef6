import { assertNever } from '../../shared/index.ts'
import { broken, printable } from './fields.ts'
import { encodeEmptyPacket, encodeLoose, encodePacket, encodeSequenced, parsePacket } from './frame-codec.ts'
import { packetHeaderBytes, type Frame, type LooseFrame, type SequencedFrame } from './frame.ts'
import type { IncomingChannel } from './incoming-channel.ts'
import type { OutgoingChannel } from './outgoing-channel.ts'
import { keepFrame } from './outgoing-frame.ts'
import { ResendRing, type SentFrame } from './resend-ring.ts'
import { SessionChannels, type ChannelSession } from './session-channels.ts'
import { SessionDirectory } from './session-directory.ts'
import type { SessionHost, SessionRemains } from './session-host.ts'
import { frameTargetBytes } from './staging.ts'

/** How long a received frame may go unacknowledged when nothing travels the other way. */
export const acknowledgeAfterMs = 20
/** How old may be what the peer knows of what actors have taken; that is what a kill leaves uncertain. */
export const tellTakenAfterMs = 100

const ringLimits = { frames: 16 * 1024, bytes: 64 * 1024 * 1024 }
const acknowledgeFrames = 32
const acknowledgeBytes = 512 * 1024

/**
 * The conversation of two instances, through any number of connections: numbers what is sent, keeps it until it is acknowledged,
 * sends it again after a cut, and takes every frame once and in order. Pure: no sockets, no timers, no clock.
 */
export class Session implements ChannelSession {
  readonly id: string
  readonly #host: SessionHost
  readonly #ring = new ResendRing(ringLimits)
  readonly #channels: SessionChannels
  /** Channels with something to send, whose turn it is first in front. */
  readonly #ready = new Set<OutgoingChannel>()
  #stagedBytes = 0
  readonly #waiting = new Set<OutgoingChannel>()
  readonly #granting = new Set<IncomingChannel>()
  #loose: Buffer[] = []
  #attached = false
  #over = false
  /** The last place written to the present connection. */
  #written = 0
  #received = 0
  #owedFrames = 0
  #owedBytes = 0
  #acknowledgeNow = false
  /** Tells the peer what is exported here. */
  readonly directory: SessionDirectory
  /** The peer wants nothing more. */
  #peerDrains: 'no' | 'asked' | 'answered' = 'no'

  /** `odd`: this side numbers its channels 1, 3, 5…; the two sides differ. */
  constructor(id: string, numbering: 'odd' | 'even', host: SessionHost) {
    this.id = id
    this.#host = host
    this.#channels = new SessionChannels(numbering, this, host)
    this.directory = new SessionDirectory({
      push: (frame) => this.push(frame),
      hasRoom: () => this.hasRoom(),
      lastPlace: () => this.#ring.lastSequence,
      acknowledgedPlace: () => this.#ring.acknowledged,
      directory: () => host.directory(),
    })
  }

  /** The last place received in order: what a new connection goes on from. */
  get received(): number {
    return this.#received
  }

  get channels(): SessionChannels {
    return this.#channels
  }

  /** Whether everything accepted has been acknowledged. */
  get drained(): boolean {
    // What waits for a peer that wants nothing more is not sent in this session.
    const waits = this.#peerDrains === 'no' && [...this.#waiting].some((channel) => channel.bound)
    const unsent = [...this.#channels.outgoing.values()].some((channel) => channel.unsent > 0)
    return this.#ring.size === 0 && !unsent && !waits
  }

  askDirectory(request: number): void {
    this.push({ type: 'discover', request })
  }

  /** Asks the peer to send nothing more; `drained` tells when its last message has come. */
  askDrain(): void {
    this.push({ type: 'drain' })
  }

  /** Sends a frame that is not kept; it overtakes what waits. */
  sendLoose(frame: LooseFrame): void {
    if (!this.#attached) return
    this.#loose.push(encodeLoose(frame))
    this.#host.requestFlush()
  }

  /**
   * A connection is there, and the peer has received up to this place or further: sends the rest again.
   * @throws MillraceError `PROTOCOL_ERROR` when that place was never reached.
   */
  attach(peerReceived: number): void {
    this.#acknowledge(peerReceived)
    this.#attached = true
    this.#ring.skipUnreliable(this.#written, (channel, count, sequence) =>
      encodeSequenced({ type: 'gap', channel: channel.id, count }, sequence),
    )
    // What the peer said when it asked to go on may be older than an acknowledgement that has come since.
    this.#written = this.#ring.acknowledged
    for (const channel of this.#channels.outgoing.values()) channel.attached()
    this.#loose = []
    // Credit that was under way is lost with the cut; it is absolute, so it is simply told again.
    for (const channel of this.#channels.incoming.values()) {
      this.#granting.add(channel)
      channel.tellAnew()
    }
    this.#host.requestTelling()
    this.#acknowledgeNow = true
    this.#host.requestFlush()
  }

  /** The connection is gone; everything is kept for the next one. */
  detach(): void {
    this.#attached = false
    this.#loose = []
    for (const channel of this.#channels.outgoing.values()) channel.detached()
  }

  get attached(): boolean {
    return this.#attached
  }

  /** Takes a packet. @throws MillraceError `PROTOCOL_ERROR`: the session cannot go on. */
  receive(bytes: Uint8Array): void {
    const packet = parsePacket(bytes)
    this.#acknowledge(nearest(packet.ack, this.#ring.acknowledged))
    for (const frame of packet.frames) {
      this.#receiveFrame(frame)
      // A frame may have been a goodbye.
      if (this.#over) return
    }
    if (this.#owedFrames === 0) return
    this.#host.requestTelling()
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

  /** Writes how far actors have come since it was told last, and asks to do so again while they have not taken all. */
  tellTaken(): void {
    const { counts, isBehind } = this.#channels.takeTakenCounts()
    if (counts.length > 0) this.sendLoose({ type: 'taken', counts })
    if (isBehind && this.#attached) this.#host.requestTelling()
  }

  /** Writes what the connection takes: first what is not kept, then frames in their order, then what channels have, taking turns. */
  flush(): void {
    if (!this.#attached) return
    if (this.#granting.size > 0) this.#writeGrants()
    while (this.#loose.length > 0 || this.#hasMore) {
      const frames = this.#loose
      this.#loose = []
      const body = this.#host.writable() ? this.#gather(frames) : undefined
      if (frames.length === 0) break
      this.#write(frames, body)
    }
    if (this.#acknowledgeNow) this.#write([], undefined)
  }

  /** Ends the session for good. `peerReceived`: the last place the peer says it took, if known. */
  end(peerReceived: number | undefined): SessionRemains {
    this.#over = true
    this.#attached = false
    if (peerReceived !== undefined) this.#acknowledge(Math.min(peerReceived, this.#ring.lastSequence))
    const unconfirmed = []
    const untaken = this.#channels.untakenThere()
    for (const { sequence, messages } of this.#ring.takeAll()) if (messages) unconfirmed.push({ sequence, messages })
    for (const channel of this.#channels.outgoing.values()) {
      const { unsent: count } = channel
      // A newest message that waits goes in the next session.
      if (count === 0 || channel.delivery === 'latest') continue
      this.#host.counted('sent', count)
      const messages = { channel, first: channel.accepted - count + 1, count }
      unconfirmed.push({ sequence: Infinity, messages })
    }
    this.#channels.unbindAll()
    this.#ready.clear()
    this.#waiting.clear()
    this.#granting.clear()
    return { id: this.id, received: this.#received, unconfirmed, untaken }
  }

  hasRoom(): boolean {
    return this.#peerDrains === 'no' && this.#ring.hasRoom(this.#stagedBytes)
  }

  staged(channel: OutgoingChannel, bytes: number): void {
    this.#ready.add(channel)
    this.#stagedBytes += bytes
    if (this.#stagedBytes >= frameTargetBytes && this.#host.writable()) this.flush()
    else this.#host.requestFlush()
  }

  waiting(channel: OutgoingChannel): void {
    this.#waiting.add(channel)
  }

  shut(channel: OutgoingChannel): void {
    this.#waiting.delete(channel)
    this.#channels.closeOutgoing(channel)
  }

  push(frame: Exclude<SequencedFrame, { type: 'unknown' | 'data' }>): void {
    this.#ring.push((sequence) => encodeSequenced(frame, sequence))
    this.#host.requestFlush()
  }

  grant(channel: IncomingChannel): void {
    this.#granting.add(channel)
    this.#host.requestFlush()
  }

  /** Whether `#next` might answer something. */
  get #hasMore(): boolean {
    return this.#written < this.#ring.lastSequence || this.#ready.size > 0 || this.#peerDrains === 'asked'
  }

  /** The next frame to write: one that is kept, or a new one of the channel whose turn it is. */
  #next(): SentFrame | undefined {
    const kept = this.#ring.at(this.#written + 1)
    if (kept) return kept
    for (const channel of this.#ready) {
      if (!this.#ring.hasRoom(0)) return undefined
      this.#ready.delete(channel)
      const frame = channel.takeFrame()
      if (!frame) continue
      this.#stagedBytes -= frame.released
      const messages = keepFrame(this.#ring, channel, frame)
      if (messages > 0) this.#host.counted('sent', messages)
      if (channel.ready) this.#ready.add(channel)
      channel.settle()
      return this.#ring.at(this.#written + 1)
    }
    return this.#answerDrain()
  }

  #answerDrain(): SentFrame | undefined {
    if (this.#peerDrains !== 'asked') return undefined
    this.#peerDrains = 'answered'
    this.push({ type: 'drained' })
    return this.#ring.at(this.#written + 1)
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
      case 'data':
        this.#host.counted('received', frame.count)
        return this.#channels.takeData(frame)
      case 'part':
        return this.#channels.takePart(frame.channel, frame.body)
      case 'gap':
        return this.#channels.takeGap(frame.channel, frame.count)
      case 'drain':
        this.#peerDrains = this.#peerDrains === 'no' ? 'asked' : this.#peerDrains
        this.#host.requestFlush()
        return this.#host.drainAsked()
      case 'drained':
        return this.#host.drained()
      case 'open':
        return this.#channels.takeOpen(frame)
      case 'opened':
        return this.#channels.takeCredit(frame.channel, frame.credit)
      case 'refused':
        return this.#channels.takeRefusal(frame.channel, frame.code, frame.reason)
      case 'shut':
        return this.#channels.takeShut(frame.channel, frame.reason)
      case 'discover':
        return this.directory.asked(frame.request)
      case 'directory':
        return this.#host.directoryArrived(frame.request, frame.nodes)
      case 'watch':
        return this.directory.watched(frame.revision)
      case 'listing':
        return this.#host.listingArrived(frame)
      case 'unknown':
        return undefined
      default:
        return assertNever(frame)
    }
  }

  #takeLoose(frame: LooseFrame): void {
    switch (frame.type) {
      case 'credit':
        for (const grant of frame.grants) this.#channels.takeCredit(grant.channel, grant)
        return undefined
      case 'taken':
        for (const { channel, messages } of frame.counts) this.#channels.takeTaken(channel, messages)
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

  #acknowledge(sequence: number): void {
    if (sequence > this.#ring.lastSequence) throw broken(`the peer acknowledges ${sequence}, which was never sent`)
    if (sequence <= this.#ring.acknowledged) return
    this.#ring.acknowledge(sequence)
    // The peer may have had more than it said when this connection was made.
    this.#written = Math.max(this.#written, sequence)
    if (this.#ready.size > 0) this.#host.requestFlush()
    if (!this.#over) this.directory.tell()
    if (this.#waiting.size === 0 || !this.hasRoom()) return
    const waiting = [...this.#waiting].filter((channel) => channel.bound)
    this.#waiting.clear()
    for (const channel of waiting) channel.pump()
  }

  #writeGrants(): void {
    const granting = [...this.#granting].filter((channel) => this.#channels.incoming.get(channel.id) === channel)
    const grants = granting.map((channel) => ({ channel: channel.id, ...channel.takeGrant() }))
    this.#granting.clear()
    if (grants.length > 0) this.#loose.push(encodeLoose({ type: 'credit', grants }))
  }

  /** Adds kept frames that this connection has not had, up to the size of a packet; the answer is the body of the last, if it is apart. */
  #gather(frames: Buffer[]): Uint8Array | undefined {
    let size = 0
    while (size < frameTargetBytes && this.#hasMore) {
      const next = this.#next()
      if (!next) break
      const { bytes, body } = next
      const length = bytes.length + (body?.length ?? 0)
      if (size > 0 && size + length > 2 * frameTargetBytes) break
      size += length - packetHeaderBytes
      frames.push(bytes)
      this.#written++
      if (body) return body
    }
    return undefined
  }

  #write(frames: readonly Buffer[], body: Uint8Array | undefined): void {
    this.#owedFrames = 0
    this.#owedBytes = 0
    this.#acknowledgeNow = false
    const packet = frames.length === 0 ? encodeEmptyPacket(this.#received) : encodePacket(frames, this.#received)
    this.#host.write(packet, body)
  }
}

/** The whole number with these low 32 bits that is nearest to one that is known. */
function nearest(low: number, known: number): number {
  const difference = (low - known) | 0
  return known + difference
}
