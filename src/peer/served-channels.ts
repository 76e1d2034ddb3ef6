import { type DeliveryMode, describeError, MillraceError } from '../shared/index.ts'
import type { ChannelReports } from './channel-reports.ts'
import type { PeerName } from './engine.ts'
import { peerLabel } from './engine.ts'
import type { LinkEnvironment } from './link-environment.ts'
import { IncomingChannel, type IncomingReports } from './protocol/incoming-channel.ts'
import { OutgoingChannel, type OutgoingReports } from './protocol/outgoing-channel.ts'

/** The channels that a peer opened to what this instance exports, in one session after another. */
export class ServedChannels {
  readonly #peer: PeerName
  readonly #environment: LinkEnvironment
  readonly #reports: IncomingReports
  readonly #sendReports: OutgoingReports
  readonly #disconnects = new Map<OutgoingChannel, () => void>()
  readonly #incoming = new Set<IncomingChannel>()

  constructor(peer: PeerName, environment: LinkEnvironment, reports: ChannelReports) {
    this.#peer = peer
    this.#environment = environment
    this.#sendReports = reports.outgoing
    this.#reports = { ...reports.incoming, finished: (channel) => void this.#incoming.delete(channel) }
  }

  /** Messages that came and that their sinks have not taken. */
  get queued(): number {
    let queued = 0
    for (const channel of this.#incoming) queued += channel.queued
    return queued
  }

  /** @throws MillraceError when this is not exported. */
  openInport(node: string, port: string, delivery: DeliveryMode): IncomingChannel {
    this.#refuseWhenStopping()
    const sink = this.#environment.exports.openInport(this.#peer, node, port)
    const channel = new IncomingChannel(
      { node, port, sink, delivery },
      { codec: this.#environment.codec, reports: this.#reports },
    )
    // What an earlier session brought goes first.
    for (const earlier of this.#incoming)
      if (earlier.node === node && earlier.port === port && !earlier.bound) channel.startAfter(earlier)
    this.#incoming.add(channel)
    return channel
  }

  /** @throws MillraceError from `connect` when this is not exported. */
  openOutport(node: string, port: string, delivery: DeliveryMode): { channel: OutgoingChannel; connect: () => void } {
    this.#refuseWhenStopping()
    const channel = new OutgoingChannel(
      { node, port, delivery },
      { codec: this.#environment.codec, reports: this.#sendReports },
    )
    const connect = () => {
      this.#disconnects.set(channel, this.#environment.exports.openOutport(this.#peer, node, port, channel))
    }
    return { channel, connect }
  }

  /** The peer unsubscribed. */
  disconnect(channel: OutgoingChannel): void {
    const disconnect = this.#disconnects.get(channel)
    this.#disconnects.delete(channel)
    try {
      disconnect?.()
    } catch (error) {
      this.#environment.notices.write('error', `unsubscribing ${peerLabel(this.#peer)} failed: ${describeError(error)}`)
    }
    channel.close(
      new MillraceError('LINK_DOWN', `${peerLabel(this.#peer)} no longer listens to "${channel.node}.${channel.port}"`),
    )
  }

  /** The session is over: what was received is still handed over, and nothing follows. */
  sessionEnded(reason: string): void {
    for (const channel of this.#disconnects.keys()) this.disconnect(channel)
    for (const channel of this.#incoming) channel.finish(reason)
  }

  /** Gives up what has not been taken. */
  abandon(reason: string): void {
    for (const channel of this.#incoming) channel.abandon(reason)
  }

  #refuseWhenStopping(): void {
    if (this.#environment.stopping()) throw new MillraceError('LINK_REFUSED', 'the instance is stopping')
  }
}
