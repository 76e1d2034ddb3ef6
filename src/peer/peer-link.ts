import type { DeliveryMode, MillraceError } from '../shared/index.ts'
import { Alarm } from './alarm.ts'
import { channelReports, type ChannelReports } from './channel-reports.ts'
import { peerLabel, type ExportedNode, type PeerName } from './engine.ts'
import { FlushTurn } from './flush-turn.ts'
import type { LinkEnvironment } from './link-environment.ts'
import { LiveConnection, type ConnectionFacts } from './live-connection.ts'
import type { LinkOwner } from './link-owner.ts'
import { LossLedger, type LinkFigures } from './loss-ledger.ts'
import {
  encodeRefusal,
  isRefusal,
  refusalText,
  type Decision,
  type SessionMemory,
} from './protocol/handshake-message.ts'
import type { IncomingChannel } from './protocol/incoming-channel.ts'
import type { OutgoingChannel } from './protocol/outgoing-channel.ts'
import type { SequencedFrame } from './protocol/frame.ts'
import { acknowledgeAfterMs, Session, tellTakenAfterMs } from './protocol/session.ts'
import type { Directory } from './protocol/session-directory.ts'
import type { SessionHost } from './protocol/session-host.ts'
import { PeerDirectory } from './peer-directory.ts'
import type { KnownDirectory } from './known-directory.ts'
import { ServedChannels } from './served-channels.ts'
import { StartHistory } from './start-history.ts'

/** Everything between this instance and one peer: the session, the connection it has at present, and what became of every message. */
export class PeerLink implements SessionHost {
  readonly name: PeerName
  /** What channels from and to this peer report to. */
  readonly reports: ChannelReports
  readonly #environment: LinkEnvironment
  readonly #owner: LinkOwner<PeerLink>
  readonly #served: ServedChannels
  readonly #directory: PeerDirectory
  readonly #ledger: LossLedger
  #session: Session | undefined
  readonly starts: StartHistory
  #live: LiveConnection | undefined
  #lastFacts: ConnectionFacts | undefined
  #downReason: string | undefined
  #connections = 0
  #sentBytes = 0
  #receivedBytes = 0
  readonly #flushTurn: FlushTurn
  /** Tells who waits for the last message of the peer. */
  #held: (() => void) | undefined
  readonly #acknowledging: Alarm
  readonly #telling: Alarm
  /** How long the session waits for a connection. */
  readonly #window: Alarm

  constructor(name: PeerName, environment: LinkEnvironment, owner: LinkOwner<PeerLink>) {
    this.name = name
    this.starts = new StartHistory(name)
    this.#environment = environment
    this.#owner = owner
    this.#ledger = new LossLedger(name, environment.emit)
    this.reports = channelReports(this.#ledger, environment.notices)
    this.#served = new ServedChannels(name, environment, this.reports)
    this.#directory = new PeerDirectory(name, environment)
    const { platform, resumeWindowMs } = environment
    this.#flushTurn = new FlushTurn(platform.soon, () => this.#session?.flush())
    const alarm = (delayMs: number, run: () => void) => new Alarm((ring) => platform.after(delayMs, ring), run)
    this.#acknowledging = alarm(acknowledgeAfterMs, () => this.#session?.acknowledge())
    this.#telling = alarm(tellTakenAfterMs, () => this.#session?.tellTaken())
    this.#window = alarm(resumeWindowMs, () =>
      this.#endSession(`the peer did not come back within ${Math.round(resumeWindowMs / 1000)} s`, undefined),
    )
  }

  get live(): LiveConnection | undefined {
    return this.#live
  }

  get session(): Session | undefined {
    return this.#session
  }

  /** What the peer has told of what it exports. */
  get exports(): KnownDirectory {
    return this.#directory.known
  }

  /** How many connections there have been. */
  get connections(): number {
    return this.#connections
  }

  /** Whether nothing is under way in either direction. */
  get idle(): boolean {
    return (this.#session?.drained ?? true) && this.#served.queued === 0
  }

  /** Messages to nodes here that came and were not taken yet. */
  get untaken(): number {
    return this.#served.queued
  }

  /** Whether this link may be forgotten. */
  get disused(): boolean {
    return !this.#session && !this.#live
  }

  /** What to tell a peer of this epoch about the session that it or we remember. */
  memory(epoch: string, id: string | undefined): SessionMemory | undefined {
    const session = this.starts.epoch === epoch ? this.#session : undefined
    if (session && (id === undefined || id === session.id))
      return { id: session.id, received: session.received, resumable: true }
    return this.#ledger.memory(id)
  }

  /** Goes on, or begins anew, over this connection. @throws MillraceError `PROTOCOL_ERROR` when the peer goes on from where nobody was. */
  establish(facts: ConnectionFacts, decision: Decision): LiveConnection {
    this.#replaceConnection()
    this.#ledger.settle(decision.memory)
    const { memory } = decision
    const session = this.#session
    if (session && session.id !== decision.sessionId) {
      const reason =
        this.starts.epoch === decision.epoch ? 'the session could not be resumed' : 'the peer was started anew'
      this.#endSession(reason, memory?.id === session.id ? memory.received : undefined)
    }
    if (this.starts.epoch !== decision.epoch) this.#ledger.startedAnew()
    this.starts.proved(decision.epoch)
    const started = this.#session === undefined
    const current = (this.#session ??= new Session(decision.sessionId, this.#numbering(), this))
    const live = this.#connect(facts)
    this.#attach(current, live, started ? 0 : (memory?.received ?? 0))
    const { address, direction, secure, key } = facts
    this.#environment.emit({ type: 'linkUp', peer: this.name, address, direction, resumed: !started, secure, key })
    if (started) {
      this.#directory.sessionStarted(current, decision.epoch)
      this.#owner.sessionStarted(this)
    }
    return live
  }

  askDirectory(): Promise<readonly ExportedNode[]> {
    return this.#directory.ask(this.#live && this.#session)
  }

  /** Asks the peer to send nothing more; resolves when its last message has come, the connection ends or it takes too long. */
  holdPeer(withinMs: number): Promise<void> {
    const { session } = this
    if (!session || !this.#live) return Promise.resolve()
    return new Promise((done) => {
      const cancel = this.#environment.platform.after(withinMs, () => this.#held?.())
      this.#held = () => {
        this.#held = undefined
        cancel()
        done()
      }
      session.askDrain()
    })
  }

  /** Says goodbye and ends everything. */
  stop(reason: string): void {
    this.#held?.()
    // What was accepted goes first: the peer takes nothing that follows a goodbye.
    this.#session?.flush()
    this.#session?.tellTaken()
    this.#session?.sendLoose({ type: 'goaway', received: this.#session.received, reason: 'the peer stopped' })
    this.#session?.flush()
    const live = this.#live
    this.#live = undefined
    live?.close(1001, reason)
    this.#endSession(reason, undefined)
    this.#served.abandon(reason)
    this.#directory.connectionEnded()
    this.#clearTimers()
  }

  /** Ends the connection; the session waits for the next one. */
  disconnect(reason: string): void {
    const live = this.#live
    if (!live) return
    live.close(1000, reason)
    this.#connectionEnded(reason)
  }

  /** What has been counted, over all sessions. */
  get figures(): LinkFigures {
    const { uncertain, ...counts } = this.#ledger.counts
    return {
      ...counts,
      ...(uncertain > 0 && { uncertain }),
      sentBytes: this.#sentBytes,
      receivedBytes: this.#receivedBytes,
      reconnects: Math.max(0, this.#connections - 1),
    }
  }

  /** Why there is no connection, if there was one. */
  get downReason(): string | undefined {
    return this.#live ? undefined : this.#downReason
  }

  /** Where the peer is, or was last. */
  get lastFacts(): ConnectionFacts | undefined {
    return this.#lastFacts
  }

  write(packet: Buffer, body: Uint8Array | undefined): void {
    this.#sentBytes += packet.length + (body?.length ?? 0)
    this.#live?.write(packet, body)
  }

  writable(): boolean {
    return this.#live?.writable ?? false
  }

  requestFlush(): void {
    this.#flushTurn.ask()
  }

  requestAcknowledge(): void {
    this.#acknowledging.ask()
  }

  requestTelling(): void {
    this.#telling.ask()
  }

  openInport(node: string, port: string, delivery: DeliveryMode): IncomingChannel {
    return this.#served.openInport(node, port, delivery)
  }

  openOutport(node: string, port: string, delivery: DeliveryMode): { channel: OutgoingChannel; connect: () => void } {
    return this.#served.openOutport(node, port, delivery)
  }

  directory(): Directory {
    return this.#environment.directory()
  }

  directoryArrived(request: number, nodes: readonly ExportedNode[]): void {
    this.#directory.answered(request, nodes)
  }

  listingArrived(listing: SequencedFrame & { type: 'listing' }): void {
    if (this.#directory.told(listing, this.#session)) this.#owner.exportsChanged(this)
  }

  pongArrived(id: number): void {
    this.#live?.pongArrived(id)
  }

  drainAsked(): void {}
  drained(): void {
    this.#held?.()
  }

  goodbye(received: number, reason: string): void {
    const live = this.#live
    this.#endSession(reason, received)
    live?.close(1000, 'goodbye')
    this.#connectionEnded(reason)
  }

  outgoingRefused(channel: OutgoingChannel, reason: MillraceError): void {
    this.#owner.outgoingRefused(this, channel, reason)
  }

  incomingRefused(channel: IncomingChannel, reason: MillraceError): void {
    this.#owner.incomingRefused(this, channel, reason)
  }

  outgoingShut(channel: OutgoingChannel): void {
    this.#served.disconnect(channel)
  }

  counted(count: 'sent' | 'received' | 'duplicated', messages: number): void {
    this.#ledger.count(count, messages)
  }

  #connect(facts: ConnectionFacts): LiveConnection {
    this.#window.cancel()
    this.#connections++
    this.#lastFacts = facts
    const live = this.#makeLive(facts)
    this.#live = live
    return live
  }

  #attach(session: Session, live: LiveConnection, peerReceived: number): void {
    try {
      session.attach(peerReceived)
    } catch (error) {
      this.#protocolBroken(live, error)
      throw error
    }
  }

  #makeLive(facts: ConnectionFacts): LiveConnection {
    const { platform, heartbeatIntervalMs, emit } = this.#environment
    const live: LiveConnection = new LiveConnection(facts, {
      platform,
      heartbeatIntervalMs,
      reports: {
        received: (bytes) => this.#receive(live, bytes),
        settled: () => this.#flushTurn.settle(),
        drained: () => this.#session?.flush(),
        suspected: (silentMs) => emit({ type: 'linkSuspect', peer: this.name, address: facts.address, silentMs }),
        trusted: () => {},
        beat: (id) => this.#session?.sendLoose({ type: 'ping', id }),
        ended: (reason) => this.#live === live && this.#connectionEnded(reason),
      },
    })
    return live
  }

  #receive(live: LiveConnection, bytes: Uint8Array): void {
    if (this.#live !== live) return
    this.#receivedBytes += bytes.length
    this.#flushTurn.begin()
    if (isRefusal(bytes)) return this.#refused(live, bytes)
    try {
      this.#session?.receive(bytes)
    } catch (error) {
      this.#protocolBroken(live, error)
    }
  }

  /** The peer gives this connection up, and says why. */
  #refused(live: LiveConnection, bytes: Uint8Array): void {
    const reason = refusalText(bytes)
    const text = `${peerLabel(this.name)} ended the link: ${reason}`
    this.#environment.notices.seldom(`refused ${peerLabel(this.name)}`, 'warn', text)
    live.close(1000, '')
    this.#connectionEnded(reason)
  }

  /** The session cannot go on: the same bytes would come again after every resume. */
  #protocolBroken(live: LiveConnection, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    const text = `${peerLabel(this.name)} does not keep to the link protocol: ${reason}`
    this.#environment.notices.seldom(`broken ${peerLabel(this.name)}`, 'error', text)
    live.facts.connection.send(encodeRefusal('PROTOCOL_ERROR', reason))
    live.close(4400, 'protocol error')
    this.#endSession(text, undefined)
    this.#connectionEnded(reason)
  }

  #replaceConnection(): void {
    const live = this.#live
    if (!live) return
    this.#live = undefined
    live.close(4409, 'replaced by a newer connection')
    this.#session?.detach()
  }

  #connectionEnded(reason: string): void {
    const { emit } = this.#environment
    this.#live = undefined
    this.#downReason = reason
    this.#session?.detach()
    this.#directory.connectionEnded()
    this.#held?.()
    const resumable = this.#session !== undefined
    if (resumable) {
      this.#window.cancel()
      this.#window.ask()
    }
    emit({ type: 'linkDown', peer: this.name, address: this.#lastFacts?.address ?? '', reason, resumable })
    this.#owner.connectionEnded(this)
  }

  #endSession(reason: string, peerReceived: number | undefined): void {
    const session = this.#session
    if (!session) return
    this.#session = undefined
    this.#clearTimers()
    const remains = session.end(peerReceived)
    this.#ledger.sessionEnded(remains, reason, peerReceived === undefined ? 'unknown' : 'known')
    this.#served.sessionEnded(reason)
    this.#owner.sessionEnded(this)
  }

  #numbering(): 'odd' | 'even' {
    return peerLabel(this.#environment.identity) < peerLabel(this.name) ? 'odd' : 'even'
  }

  #clearTimers(): void {
    this.#acknowledging.cancel()
    this.#telling.cancel()
    this.#window.cancel()
  }
}
