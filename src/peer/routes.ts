import { MillraceError } from '../shared/index.ts'
import { peerLabel, type ChannelOptions, type MessageSink, type OutboundChannel } from './engine.ts'
import type { LinkEnvironment } from './link-environment.ts'
import type { LinkRegistry } from './link-registry.ts'
import type { PeerLink } from './peer-link.ts'
import { IncomingChannel } from './protocol/incoming-channel.ts'
import { OutgoingChannel } from './protocol/outgoing-channel.ts'

/** A refused channel is tried again: the peer may export the node later. */
const refusedRetryMs = 5000
/** How long a subscription waits for one that ended and whose sink takes nothing. */
const stuckMs = 10_000

/** A port of a peer's node, and what is promised about messages on their way. */
interface Destination extends ChannelOptions {
  readonly networkId: string
  readonly node: string
  readonly port: string
}

interface Route<Channel> {
  readonly networkId: string
  /** One instance of the network, and no other. */
  readonly instanceId: string | undefined
  readonly channel: Channel
  /** The link whose session the channel is bound to, while it is. */
  link: PeerLink | undefined
  /** The revision of the peer's directory since which it offers what the channel was opened to; absent where it had not told. */
  since: number | undefined
  /** The code of the refusal that has been reported. */
  reported: string | undefined
  cancelRetry: (() => void) | undefined
}

/** The channels that were opened here, to whole networks: opens each in a session of one of its instances, again and again. */
export class Routes {
  readonly #environment: LinkEnvironment
  readonly #registry: LinkRegistry
  readonly #outgoing = new Set<Route<OutgoingChannel>>()
  readonly #incoming = new Set<Route<IncomingChannel>>()
  /** Subscriptions that have ended and still hand over what was under way, with what resolves when they have. */
  readonly #draining = new Map<Route<IncomingChannel>, Promise<void>>()

  constructor(environment: LinkEnvironment, registry: LinkRegistry) {
    this.#environment = environment
    this.#registry = registry
  }

  openChannel({ networkId, instanceId, ...end }: Destination): OutboundChannel {
    const channel: OutgoingChannel = new OutgoingChannel(end, {
      codec: this.#environment.codec,
      whenClosed: () => this.#forget(this.#outgoing, route),
      reports: { lost: (lost, range, reason) => route.link?.reports.outgoing.lost(lost, range, reason) },
    })
    const route = newRoute({ networkId, instanceId }, channel)
    this.#outgoing.add(route)
    this.#bind(route)
    return channel
  }

  subscribe({ networkId, instanceId, ...end }: Destination, sink: MessageSink): () => Promise<void> {
    const { node, port } = end
    const { codec, notices } = this.#environment
    let finished: () => void = () => undefined
    const ended = new Promise<void>((resolve) => (finished = resolve))
    const channel: IncomingChannel = new IncomingChannel(
      { ...end, sink },
      {
        codec,
        reports: {
          finished,
          lost: (lost, range, reason) => route.link?.reports.incoming.lost(lost, range, reason),
          sinkFailed: (_channel, reason) =>
            notices.seldom(
              `sink ${node}.${port}`,
              'error',
              `a message of "${node}.${port}" could not be taken: ${reason}`,
            ),
        },
      },
    )
    const route = newRoute({ networkId, instanceId }, channel)
    this.#holdBehindEarlier(route)
    this.#incoming.add(route)
    this.#bind(route)
    return () => {
      if (this.#forget(this.#incoming, route)) this.#drain(route, ended)
      return ended
    }
  }

  /** Opens in a new session whatever is meant for this network and open nowhere else. */
  sessionStarted(link: PeerLink): void {
    for (const route of this.#outgoing) if (leadsTo(route, link)) this.#bindTo(route, link)
    for (const route of this.#incoming) if (leadsTo(route, link)) this.#bindTo(route, link)
  }

  /** A session ended: what was open in it goes to another instance of the network, if one is up. */
  rebind(): void {
    for (const route of this.#outgoing) if (!route.channel.bound && !route.cancelRetry) this.#bind(route)
    for (const route of this.#incoming) if (!route.channel.bound && !route.cancelRetry) this.#bind(route)
  }

  /** The peer cannot answer for now, perhaps never: a subscription that has ended waits no longer for what was under way. */
  connectionEnded(link: PeerLink): void {
    for (const route of this.#draining.keys()) if (route.link === link) route.channel.finish('unsubscribed')
  }

  /** The peer has told what it exports now: what it no longer has is given up at once, and what it has again is opened at once. */
  exportsChanged(link: PeerLink): void {
    for (const route of this.#outgoing) if (this.#isGone(route, link)) this.#giveUp(route, link)
    for (const route of [...this.#outgoing, ...this.#incoming]) {
      if (!leadsTo(route, link) || offeredSince(route, link) === undefined) continue
      if (route.cancelRetry) this.#bindTo(route, link)
      // It was opened before the peer had told anything.
      else if (route.link === link) route.since ??= offeredSince(route, link)
    }
  }

  outgoingRefused(link: PeerLink, channel: OutgoingChannel, reason: MillraceError): void {
    for (const route of this.#outgoing) if (route.channel === channel) this.#refused(route, link, reason)
  }

  incomingRefused(link: PeerLink, channel: IncomingChannel, reason: MillraceError): void {
    for (const route of this.#incoming) if (route.channel === channel) this.#refused(route, link, reason)
  }

  /** Messages that subscriptions have received and not taken. */
  get queued(): number {
    let queued = 0
    for (const route of this.#incoming) queued += route.channel.queued
    for (const { channel } of this.#draining.keys()) queued += channel.queued
    return queued
  }

  /** Messages that wait for a network of which no instance is linked. */
  waitingFor(networkId: string): number {
    let queued = 0
    for (const route of this.#outgoing)
      if (route.networkId === networkId && !route.channel.bound) queued += route.channel.queued
    return queued
  }

  stop(reason: string): void {
    for (const { channel } of this.#outgoing) channel.close()
    for (const route of this.#incoming) {
      this.#forget(this.#incoming, route)
      route.channel.abandon(reason)
    }
    for (const { channel } of this.#draining.keys()) channel.abandon(reason)
  }

  #drain(route: Route<IncomingChannel>, ended: Promise<void>): void {
    const { channel, link } = route
    this.#draining.set(route, ended)
    void ended.then(() => this.#draining.delete(route))
    if (channel.bound && link?.session) link.session.channels.drainIncoming(channel, 'unsubscribed')
    if (!channel.bound || !link?.live) channel.finish('unsubscribed')
  }

  /** What an ended subscription to the same port still brings goes first. */
  #holdBehindEarlier({ networkId, channel }: Route<IncomingChannel>): void {
    const { node, port } = channel
    for (const [earlier, ended] of this.#draining)
      if (earlier.networkId === networkId && earlier.channel.node === node && earlier.channel.port === port)
        this.#holdBehind(earlier.channel, ended, channel.hold())
  }

  /** A sink that takes nothing for so long may never do so again: what follows cannot wait for it. */
  #holdBehind(earlier: IncomingChannel, ended: Promise<void>, release: () => void): void {
    const { platform } = this.#environment
    let { taken } = earlier
    const look = () => {
      if (earlier.taken === taken) return release()
      taken = earlier.taken
      cancel = platform.after(stuckMs, look)
    }
    let cancel = platform.after(stuckMs, look)
    void ended.then(() => cancel()).then(release)
  }

  /** Opens the channel at an instance that offers what it leads to, else at one that may: it says so itself if not. */
  #bind(route: Route<OutgoingChannel> | Route<IncomingChannel>): void {
    const links = this.#registry.linksOf(route.networkId).filter((link) => link.session && leadsTo(route, link))
    const link = links.find((candidate) => offeredSince(route, candidate) !== undefined) ?? links[0]
    if (link) this.#bindTo(route, link)
  }

  /** Whether a channel is open to a port that the peer has told is there no longer. */
  #isGone(route: Route<OutgoingChannel>, link: PeerLink): boolean {
    if (route.link !== link || !route.channel.bound || route.since === undefined) return false
    return offeredSince(route, link) === undefined
  }

  /** What was sent before still arrives, and is kept there as dead letters. */
  #giveUp(route: Route<OutgoingChannel>, link: PeerLink): void {
    const { channel } = route
    const what = link.exports.has(channel.node)
      ? `${peerLabel(link.name)} no longer has an inport "${channel.port}" at its node "${channel.node}"`
      : `the remote actor does not exist: ${peerLabel(link.name)} no longer exports "${channel.node}"`
    link.session?.flush()
    link.session?.channels.giveUpOutgoing(
      channel,
      new MillraceError(link.exports.has(channel.node) ? 'PORT_UNKNOWN' : 'NOT_EXPORTED', what),
    )
  }

  #bindTo(route: Route<OutgoingChannel> | Route<IncomingChannel>, link: PeerLink): void {
    const { session } = link
    const { channel } = route
    if (!session || channel.bound) return
    route.cancelRetry?.()
    route.cancelRetry = undefined
    route.link = link
    route.since = offeredSince(route, link)
    if (channel instanceof OutgoingChannel) session.channels.openOutgoing(channel)
    else session.channels.openIncoming(channel)
  }

  #refused(route: Route<OutgoingChannel> | Route<IncomingChannel>, link: PeerLink, error: MillraceError): void {
    const { node, port } = route.channel
    const { code, message: reason } = error
    const since = offeredSince(route, link)
    // It was taken away and put back, and the news of the second came first.
    if (since !== undefined && route.since !== undefined && since > route.since) return this.#bindTo(route, link)
    route.cancelRetry = this.#environment.platform.after(refusedRetryMs, () => {
      route.cancelRetry = undefined
      this.#bind(route)
    })
    if (route.reported === code) return
    route.reported = code
    this.#environment.emit({ type: 'channelRefused', peer: link.name, node, port, code, reason })
  }

  #forget<Channel>(routes: Set<Route<Channel>>, route: Route<Channel>): boolean {
    route.cancelRetry?.()
    route.cancelRetry = undefined
    return routes.delete(route)
  }
}

/** Since which revision of its directory a peer offers what a route leads to; `undefined` when it does not, or has not told. */
function offeredSince(
  { channel }: Route<OutgoingChannel> | Route<IncomingChannel>,
  link: PeerLink,
): number | undefined {
  const side = channel instanceof OutgoingChannel ? 'inports' : 'outports'
  return link.exports.since(channel.node, side, channel.port)
}

/** Whether a channel may be opened over this link. */
function leadsTo({ networkId, instanceId }: Route<unknown>, { name }: PeerLink): boolean {
  return networkId === name.networkId && (instanceId === undefined || instanceId === name.instanceId)
}

function newRoute<Channel>(
  { networkId, instanceId }: { networkId: string; instanceId: string | undefined },
  channel: Channel,
): Route<Channel> {
  return {
    networkId,
    instanceId,
    channel,
    link: undefined,
    since: undefined,
    reported: undefined,
    cancelRetry: undefined,
  }
}
