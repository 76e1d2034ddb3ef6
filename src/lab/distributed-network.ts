import { randomBytes } from 'node:crypto'
import {
  createDisturbedTransport,
  createEndpoint,
  createWebSocketTransport,
  ofKind,
  type Disturbance,
  type Endpoint,
  type DiscoveryFilter,
  type ExportedNode,
  type FoundInstance,
  type OutboundChannel,
  type PeerName,
} from '../peer/index.ts'
import { Network, type ActorDefinition, type TracePlace } from '../runtime/index.ts'
import { MillraceError, type LinkSnapshot, type MessageKind, type WireEnd, type WireOptions } from '../shared/index.ts'
import type {
  ConnectOptions,
  DistributedConfig,
  ExportsChange,
  RemoteActor,
  RemoteOptions,
} from './distributed-config.ts'
import { ArrivalTurns } from './arrival-turns.ts'
import { dialKey, NetworkDiscovery, parseNetworkEndpoint } from './network-discovery.ts'
import { NetworkExports } from './network-exports.ts'
import { FileStateStore } from './kept-states/file-state-store.ts'
import { LoopLag } from './loop-lag.ts'
import { networkMetrics } from './network-metrics.ts'
import { nodePlatform } from './node-platform.ts'
import { version } from './version.ts'
import { RemoteActors } from './remote-actors.ts'
import type { RemoteTarget } from './remote-node.ts'
import type { Following } from './traces/following.ts'
import { NetworkTraces } from './traces/network-traces.ts'
import type { RecordedSpan } from './traces/span-recorder.ts'

const linkDrainMs = 500
const cutOffDrainMs = 2_000

/** How long a stop waits by default for what is under way, in milliseconds. */
export const defaultDrainMs = 10_000

/**
 * A network of actors with an identity and links to others: what the tutorial's programs are written against.
 *
 * @example
 * const network = new DistributedNetwork({ networkId: 'ml_instance', instanceId: 'ml_001', bindPort: 9002 })
 * network.registerLocalActor('feature_engineer', featureEngineer)
 * await network.start()
 * await network.connectToNetwork('127.0.0.1:9001', { token })
 * await network.registerRemoteActor('data_processor', 'data_instance')
 * network.connect({ node: 'data_processor@data_instance', port: 'Output' }, { node: 'feature_engineer', port: 'Input' })
 */
export class DistributedNetwork {
  /** The network of this instance's own nodes. */
  readonly local: Network
  readonly #endpoint: Endpoint
  readonly #disturbed = createDisturbedTransport(createWebSocketTransport(), nodePlatform)
  readonly #turns = new ArrivalTurns(nodePlatform)
  readonly #exports: NetworkExports
  readonly #discovery: NetworkDiscovery
  readonly #createdMs = nodePlatform.monotonicMs()
  readonly #loopLag = new LoopLag()
  readonly #traces: NetworkTraces
  readonly #remotes: RemoteActors
  readonly #dials = new Map<string, () => void>()
  readonly #channels = new Map<string, OutboundChannel>()
  #address: { host: string; port: number } | undefined

  constructor(config: DistributedConfig) {
    const { networkId, instanceId } = config
    const log = config.log ?? (() => undefined)
    this.local = new Network({
      platform: { ...nodePlatform, schedule: this.#turns.schedule },
      networkId,
      instanceId,
      env: config.env ?? {},
      log,
      freeze: config.freeze ?? process.env['NODE_ENV'] === 'development',
      ...(config.statesFolder !== undefined && { states: new FileStateStore(config.statesFolder) }),
    })
    this.#traces = new NetworkTraces(this.local)
    this.#exports = new NetworkExports(this.local, this.#traces.scope)
    this.#endpoint = createEndpoint({
      identity: { networkId, instanceId, epoch: randomBytes(8).toString('hex') },
      bindAddress: config.bindAddress ?? '127.0.0.1',
      bindPort: config.bindPort ?? 0,
      ...(config.authToken !== undefined && { authToken: config.authToken }),
      acceptTokens: config.acceptTokens ?? [],
      maxConnections: config.maxConnections ?? 256,
      heartbeatIntervalMs: config.heartbeatIntervalMs ?? 2_000,
      allowInsecure: config.allowInsecure ?? false,
      ...(config.tls && { tls: config.tls }),
      transport: this.#disturbed.transport,
      platform: { ...nodePlatform, arrived: this.#turns.arrived, handedOver: this.#turns.handedOver },
      randomBytes: (size) => randomBytes(size),
      log: ({ level, text }) => log({ level, node: undefined, text }),
      exports: this.#exports,
      registry: config.registry ?? false,
      dialects: config.dialects ?? [],
      metrics: () =>
        networkMetrics(
          { networkId, instanceId, createdMs: this.#createdMs },
          { network: this.local, links: this.links(), loopLag: this.#loopLag },
        ),
      status:
        config.status ??
        (() => ({
          networkId,
          instanceId,
          version,
          state: this.local.state,
          ...this.local.snapshot(),
          ...config.facts?.(),
        })),
    })
    this.#discovery = new NetworkDiscovery(
      {
        endpoints: (config.discoveryEndpoints ?? []).map((place) =>
          typeof place === 'string' ? { endpoint: place } : place,
        ),
        mdns: config.mdns ?? false,
      },
      {
        own: () => this.#ownEntry(config),
        dial: (address, { token, ...options }) =>
          this.#endpoint.dial(address, { ...options, ...(token !== undefined && { token }) }),
        isUp: (address) => this.links().some((link) => link.address === address && link.state === 'up'),
        log: (level, text) => log({ level, node: undefined, text }),
      },
    )
    this.#remotes = new RemoteActors(this.local, this.#endpoint, this.#traces.scope)
  }

  /** Where peers reach this instance, once it has started: `host:port`. */
  get address(): string | undefined {
    return this.#address && `${this.#address.host}:${this.#address.port}`
  }

  /** Opens the port, then starts the nodes; once only: after a shutdown make a new network. Throws `PORT_IN_USE`, `BIND_REFUSED`, or what a node's start threw; then nothing is left running. */
  async start(): Promise<void> {
    await this.#traces.start()
    this.#address = await this.#endpoint.start()
    try {
      await this.local.start()
    } catch (error) {
      await this.#endpoint.stop({ drainMs: 0 })
      throw error
    }
    this.#discovery.start()
    this.#loopLag.start()
  }

  /** Stops sources, lets what is under way finish and cross the links, then closes them. Safe to call twice. */
  async shutdown({ drainMs = defaultDrainMs }: { drainMs?: number } = {}): Promise<{ left: number }> {
    const budgetMs = this.#waitsForPeerAway() ? Math.min(drainMs, cutOffDrainMs) : drainMs
    const deadline = nodePlatform.monotonicMs() + budgetMs
    this.#loopLag.stop()
    // Nobody new comes while this one goes.
    const unregistered = this.#discovery.stop()
    // What peers went on sending would be left in queues, so they are asked to keep it.
    await this.#endpoint.holdPeers(budgetMs / 2)
    const report = await this.local.stop({ drainMs: Math.max(0, deadline - nodePlatform.monotonicMs()) })
    // Whatever the nodes took of the time, what they sent last still needs a moment to be confirmed.
    await this.#endpoint.stop({ drainMs: Math.max(linkDrainMs, deadline - nodePlatform.monotonicMs()) })
    this.#dials.clear()
    this.#traces.stop()
    await unregistered
    return report
  }

  /** Adds a node. With `exported`, peers may see it, send to it and subscribe to it. */
  registerLocalActor(
    id: string,
    actor: ActorDefinition,
    metadata: Record<string, unknown> = {},
    { exported = false }: { exported?: boolean } = {},
  ): void {
    this.local.addNode(id, actor, { metadata })
    if (exported) this.#exports.add(id, actor)
  }

  /** Removes a node with its wires; what was queued becomes dead letters. */
  async unregisterLocalActor(id: string): Promise<void> {
    this.#exports.remove(id)
    await this.local.removeNode(id)
  }

  /**
   * Links to an instance at `host:port` and keeps the link: it is dialled again for ever after a cut.
   * Resolves when the link is up for the first time. Throws `AUTH_FAILED`, `LINK_REFUSED`, `VERSION_MISMATCH` when the other side says no.
   */
  async connectToNetwork(address: string, options: ConnectOptions = {}): Promise<PeerName> {
    this.dial(address, options)
    return this.#endpoint.connected(address)
  }

  /** Like `connectToNetwork`, without waiting for the link. `network:<networkId>` dials every instance of a network that discovery finds. */
  dial(address: string, { token, ...rest }: ConnectOptions = {}): void {
    this.disconnectFromNetwork(address)
    const networkId = parseNetworkEndpoint(address)
    const options = { ...rest, ...(token !== undefined && { token }) }
    const undo =
      networkId === undefined ? this.#endpoint.dial(address, options) : this.#discovery.follow(networkId, options)
    this.#dials.set(dialKey(address), undo)
  }

  /** Ends a link that was dialled from here. */
  disconnectFromNetwork(address: string): void {
    this.#dials.get(dialKey(address))?.()
    this.#dials.delete(dialKey(address))
  }

  /**
   * Accepts these tokens from now on, and no others, and answers their key ids: for rotation first both, the old and the new, then the new
   * alone. Links that are up stay. Throws `TOKEN_MISSING` when there were some and would be none.
   */
  changeTokens(tokens: readonly string[]): readonly string[] {
    return this.#endpoint.changeTokens(tokens)
  }

  /** Dials an address with other tokens from the next connection on; the link that is up stays. Throws `PEER_UNKNOWN` when it is not dialled. */
  changePeerTokens(address: string, tokens: Pick<ConnectOptions, 'token' | 'nextToken'>): void {
    const { token, nextToken } = tokens
    this.#endpoint.changeDialTokens(address, {
      ...(token !== undefined && { token }),
      ...(nextToken !== undefined && { nextToken }),
    })
  }

  /** Dials at once instead of at the next try; a link that is up goes on over a new connection. Throws `PEER_UNKNOWN` when it is not dialled. */
  reconnectToNetwork(address: string): void {
    this.#endpoint.redial(address)
  }

  /**
   * Adds a node that stands for an exported node of a linked peer, and answers its id: by default `<actor>@<network>`, or what the
   * conflict strategy makes of it. Throws `PEER_UNKNOWN` when there is no such peer, `NOT_EXPORTED` when it has no such node, and
   * `NODE_DUPLICATE` when the id is taken.
   */
  async registerRemoteActor(actor: string, networkId: string, options: RemoteOptions = {}): Promise<string> {
    return await this.#remotes.register(actor, networkId, options)
  }

  /** The remote nodes of this network, and whether what each stands for is there now. */
  listRemoteActors(): RemoteActor[] {
    return this.#remotes.list()
  }

  /**
   * Asks the peers anew what they export, and answers which remote nodes are there and which are gone; a peer that is not linked now
   * tells nothing, and its nodes count as neither.
   */
  refreshRemoteActors(): Promise<{ there: string[]; gone: string[] }> {
    return this.#remotes.refresh()
  }

  /** Adds a remote node whose ports are known, as from a graph; its peer need not be there yet. */
  addRemoteNode(
    id: string,
    target: RemoteTarget,
    ports: { inports: readonly string[]; outports: readonly string[] },
  ): void {
    this.#remotes.add(id, target, ports)
  }

  /** Removes a remote node with its wires, once what was under way to it has come. */
  async unregisterRemoteActor(id: string): Promise<void> {
    await this.#remotes.remove(id)
  }

  /**
   * Tells at once what linked peers export newly, have replaced or export no longer, until its undo is called; also all that a peer
   * exports when its link comes up for the first time.
   */
  followExports(told: (change: ExportsChange) => void): () => void {
    return this.#endpoint.subscribeEvents((event) => {
      if (event.type !== 'exportsChanged') return
      const { peer, added, changed, removed } = event
      told({ peer, added: [...added], replaced: [...changed], removed: [...removed] })
    })
  }

  /** Wires two nodes of this network, remote nodes among them: what `delivery` promises holds on the link that such a wire crosses. */
  connect(from: WireEnd, to: WireEnd, options?: WireOptions): string {
    // Before the wire is there, since that opens the way to the peer.
    this.#remotes.deliver(from, to, options?.delivery ?? 'reliable')
    try {
      return this.local.addWire(from, to, options)
    } catch (error) {
      this.#remotes.deliver(from, to, undefined)
      throw error
    }
  }

  /** Changes how a wire holds and loses messages, and what it promises on a link; the messages on it stay. */
  configureWire(id: string, options: WireOptions): void {
    const wire = this.local.snapshot().wires.find((candidate) => candidate.id === id)
    this.local.wires.configure(id, options)
    if (wire) this.#remotes.deliver(wire.from, wire.to, options.delivery ?? 'reliable')
  }

  /**
   * Sends one message to an inport of a peer's node, of the kind that its value has by itself unless one is said, and resolves when the
   * link has taken it. Throws `MESSAGE_INVALID` when no message of that kind can be made of the value.
   */
  async sendToRemoteActor(
    networkId: string,
    actor: string,
    port: string,
    value: unknown,
    { kind }: { kind?: MessageKind } = {},
  ): Promise<void> {
    const message = kind === undefined ? value : ofKind(value, kind)
    const key = JSON.stringify([networkId, actor, port])
    const channel = this.#channels.get(key) ?? this.#endpoint.openChannel(networkId, actor, port)
    this.#channels.set(key, channel)
    await channel.send(this.#traces.scope.outgoing(message))
  }

  /** Instances that registries and the local network know of, narrowed down by network, capability or tag; each proves who it is only when dialled. */
  discoverNetworks(filter: DiscoveryFilter = {}): Promise<FoundInstance[]> {
    return this.#discovery.find(filter)
  }

  /** The nodes that a linked peer exports. */
  discoverActors(networkId: string): Promise<readonly ExportedNode[]> {
    return this.#endpoint.directory(networkId)
  }

  /** Measures the round trip to a linked peer, in milliseconds. */
  pingNetwork(networkId: string): Promise<{ rttMs: number }> {
    return this.#endpoint.ping(networkId)
  }

  /**
   * Follows messages through this network, and to and from its peers, until its undo is called: those that come with a trace, and one in
   * `oneIn` of those that nothing else caused; with `linksBegin` (default) those that peers send without a trace count as such. Where this process has a provider of OpenTelemetry, that one chooses, and its ids are used.
   */
  followMessages(following: Partial<Following> & { record: (span: RecordedSpan) => void }): () => void {
    return this.#traces.follow(following)
  }

  /**
   * Follows, while messages are, the next one that comes to a place, whatever it was caused by, and tells its trace. Returns the undo, for when none
   * comes. Throws `NODE_UNKNOWN`, `PORT_UNKNOWN`, `WIRE_UNKNOWN`, `NETWORK_STATE`.
   */
  followNext(place: TracePlace, begun: (traceId: string) => void): () => void {
    return this.local.traceNext(place, ({ traceId }) => begun(traceId))
  }

  /** The links as they are now. */
  links(): LinkSnapshot[] {
    return this.#endpoint.links().map((link) => {
      const disturbance = link.direction === 'dialled' ? this.#disturbed.of(link.address) : undefined
      return disturbance ? { ...link, disturbance: { ...disturbance } } : link
    })
  }

  /**
   * Delays or cuts the connections that are dialled to an address, on purpose: to see what the network does then. Nothing given
   * ends it. Throws `PEER_UNKNOWN` when the address is not dialled from here.
   */
  disturbLink(address: string, disturbance: Disturbance | undefined): void {
    const key = dialKey(address)
    if (!this.#dials.has(key) && !this.links().some((link) => link.direction === 'dialled' && link.address === key))
      throw new MillraceError('PEER_UNKNOWN', `${address} is not dialled from here: disturb a link where it is dialled`)
    this.#disturbed.disturb(key, disturbance)
  }

  #ownEntry({ networkId, instanceId, capabilities = [], tags = [], tls }: DistributedConfig) {
    const { host, port } = this.#address ?? { host: '127.0.0.1', port: 0 }
    const endpoint = `${host.includes(':') ? `[${host}]` : host}:${port}`
    const secure = tls !== undefined
    return {
      networkId,
      instanceId,
      endpoint,
      port,
      secure,
      capabilities: [...new Set(['actor_messaging', ...capabilities])],
      tags,
    }
  }

  /** Whether something is on its way to a peer that is not there: waiting long for it would be in vain. */
  #waitsForPeerAway(): boolean {
    return this.links().some(({ state, queued, channels }) => {
      return (
        state !== 'up' && state !== 'closed' && (queued > 0 || channels.some(({ direction }) => direction === 'out'))
      )
    })
  }
}
