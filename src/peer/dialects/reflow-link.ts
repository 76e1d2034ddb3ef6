import { describeError, type LinkSnapshot } from '../../shared/index.ts'
import { peerLabel, type MessageSink, type PeerName } from '../engine.ts'
import type { LinkEnvironment } from '../link-environment.ts'
import type { TextConnection } from '../transport.ts'
import {
  parseReflow,
  writeActors,
  writeDiscover,
  writeHeartbeat,
  writeRemoteMessage,
  type PayloadForm,
} from './reflow-message.ts'

/** Reflow gives a peer up after three of its own intervals. */
const missedBeats = 3
const highWaterBytes = 1024 * 1024

/** What a link of the Reflow dialect tells the one who keeps them. */
export interface ReflowLinkReports {
  ended(link: ReflowLink, reason: string): void
  drained(link: ReflowLink): void
  actors(link: ReflowLink, request: string, actors: readonly string[]): void
}

/** A live connection to an instance of Reflow, after its handshake: at most once, unproven, one way per message. */
export class ReflowLink {
  readonly peer: PeerName
  readonly #connection: TextConnection
  readonly #direction: 'dialled' | 'accepted'
  readonly #environment: LinkEnvironment
  readonly #reports: ReflowLinkReports
  readonly #beatMs: number
  readonly #sinks = new Map<string, MessageSink>()
  readonly #counts = { sent: 0, received: 0, sentBytes: 0, receivedBytes: 0, refused: 0 }
  /** As the peer writes; plain until it has shown otherwise. */
  #form: PayloadForm = 'plain'
  #heardMs: number
  #blocked = 0
  #cancelBeat: () => void
  #ended = false

  constructor(
    peer: PeerName,
    parts: {
      connection: TextConnection
      direction: 'dialled' | 'accepted'
      environment: LinkEnvironment
      beatMs: number
    },
    reports: ReflowLinkReports,
  ) {
    this.peer = peer
    this.#connection = parts.connection
    this.#direction = parts.direction
    this.#environment = parts.environment
    this.#beatMs = parts.beatMs
    this.#reports = reports
    this.#heardMs = this.#environment.platform.monotonicMs()
    this.#cancelBeat = this.#environment.platform.after(this.#beatMs, () => this.#beat())
  }

  get address(): string {
    return this.#connection.remoteAddress
  }

  get writable(): boolean {
    return this.#connection.bufferedBytes < highWaterBytes
  }

  /** Writes a message; nothing confirms that it arrives. @throws MillraceError `MESSAGE_INVALID`. */
  send(actor: string, port: string, value: unknown): void {
    const ends = {
      sourceNetwork: this.#environment.identity.networkId,
      targetNetwork: this.peer.networkId,
      actor,
      port,
    }
    this.#write(writeRemoteMessage(ends, value, { form: this.#form, nowMs: this.#environment.platform.now() }))
    this.#counts.sent++
  }

  discover(request: string): void {
    this.#write(writeDiscover(request, this.#environment.identity.networkId))
  }

  /** Takes a frame. */
  receive(text: string): void {
    if (this.#ended) return
    this.#heardMs = this.#environment.platform.monotonicMs()
    this.#counts.receivedBytes += Buffer.byteLength(text)
    try {
      this.#handle(text)
    } catch (error) {
      this.#ignore(describeError(error))
    }
  }

  drained(): void {
    if (!this.#ended) this.#reports.drained(this)
  }

  /** Ends it from this side, or notes that it has ended. */
  end(reason: string): void {
    if (this.#ended) return
    this.#ended = true
    this.#cancelBeat()
    this.#connection.close(1000, '')
    for (const sink of this.#sinks.values()) sink.closed?.(reason)
    this.#reports.ended(this, reason)
  }

  snapshot(): LinkSnapshot {
    const { sent, received, sentBytes, receivedBytes } = this.#counts
    return {
      peer: peerLabel(this.peer),
      address: this.address,
      direction: this.#direction,
      state: 'up',
      secure: false,
      sent,
      received,
      lost: 0,
      duplicated: 0,
      sentBytes,
      receivedBytes,
      queued: 0,
      reconnects: 0,
      reason: 'Reflow dialect: no proof of identity, nothing is confirmed',
      channels: [],
    }
  }

  #handle(text: string): void {
    const message = parseReflow(text)
    switch (message.type) {
      case 'message':
        return this.#deliver(message)
      case 'discover': {
        const { networkId } = this.#environment.identity
        return this.#write(writeActors(message.request, networkId, this.#environment.exports.directory()))
      }
      case 'actors':
        return this.#reports.actors(this, message.request, message.actors)
      case 'heartbeat':
      case 'unknown':
        return undefined
      default:
        return undefined
    }
  }

  #deliver({
    sourceNetwork,
    targetNetwork,
    actor,
    port,
    value,
    form,
  }: Extract<ReturnType<typeof parseReflow>, { type: 'message' }>): void {
    this.#form = form === 'encoded' ? 'encoded' : this.#form
    if (sourceNetwork !== this.peer.networkId || targetNetwork !== this.#environment.identity.networkId)
      return this.#ignore(`a message from ${sourceNetwork} to ${targetNetwork}`)
    const key = JSON.stringify([actor, port])
    const sink = this.#sinks.get(key) ?? this.#environment.exports.openInport(this.peer, actor, port)
    this.#sinks.set(key, sink)
    const taken = sink.deliver(value)
    this.#counts.received++
    if (taken) this.#holdBack(taken)
  }

  /** Reflow knows no credit: while a sink is full, nothing more is read from the socket. */
  #holdBack(taken: PromiseLike<void>): void {
    if (this.#blocked++ === 0) this.#connection.pause()
    const free = () => {
      if (--this.#blocked > 0) return
      this.#heardMs = this.#environment.platform.monotonicMs()
      this.#connection.resume()
    }
    taken.then(free, free)
  }

  #ignore(what: string): void {
    this.#counts.refused++
    const label = peerLabel(this.peer)
    this.#environment.notices.seldom(
      `reflow ${label}`,
      'warn',
      `${label} (Reflow dialect) sent what is not taken: ${what}`,
    )
  }

  #beat(): void {
    const { platform, identity } = this.#environment
    const silentMs = platform.monotonicMs() - this.#heardMs
    if (silentMs >= this.#beatMs * missedBeats && this.#blocked === 0)
      return this.end(`no sign of life for ${(silentMs / 1000).toFixed(1)} s`)
    // Also under traffic: only heartbeats count as life on the other side.
    this.#write(writeHeartbeat(identity.networkId, platform.now()))
    this.#cancelBeat = platform.after(this.#beatMs, () => this.#beat())
  }

  #write(text: string): void {
    if (this.#ended) return
    this.#counts.sentBytes += Buffer.byteLength(text)
    this.#connection.send(text)
  }
}
