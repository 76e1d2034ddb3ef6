import { randomBytes } from 'node:crypto'
import {
  createDisturbedTransport,
  createEndpoint,
  createWebSocketTransport,
  type Disturbance,
  type Endpoint,
  type DiscoveryFilter,
  type ExportedNode,
  type FoundInstance,
  type OutboundChannel,
  type PeerName,
} from '../peer/index.ts'
import { Network, type ActorDefinition, type NetworkEvent, type Tracer } from '../runtime/index.ts'
import { MillraceError, type DeliveryMode, type LinkSnapshot, type WireEnd, type WireOptions } from '../shared/index.ts'
import type { ConnectOptions, DistributedConfig, RemoteActor, RemoteOptions } from './distributed-config.ts'
import { dialKey, NetworkDiscovery, parseNetworkEndpoint } from './network-discovery.ts'
import { NetworkExports } from './network-exports.ts'
import { FileStateStore } from './kept-states/file-state-store.ts'
import { LoopLag } from './loop-lag.ts'
import { nodePlatform } from './node-platform.ts'
import { version } from './version.ts'
import { chooseNodeId } from './remote-names.ts'
import { RemoteNode, type RemoteTarget } from './remote-node.ts'
import type { Following } from './traces/following.ts'
import { OpenTelemetryTracer, registeredApi } from './traces/open-telemetry.ts'
import { SpanRecorder, type RecordedSpan } from './traces/span-recorder.ts'
import { TraceScope } from './traces/trace-scope.ts'

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
  readonly #exports: NetworkExports
  readonly #discovery: NetworkDiscovery
  readonly #createdMs = nodePlatform.monotonicMs()
  readonly #loopLag = new LoopLag()
  readonly #scope = new TraceScope()
  #telemetry: Awaited<ReturnType<typeof registeredApi>>
  #unfollow: (() => void) | undefined
  readonly #remotes = new Map<string, RemoteNode>()
  readonly #dials = new Map<string, () => void>()
  readonly #channels = new Map<string, OutboundChannel>()
  #address: { host: string; port: number } | undefined

  constructor(config: DistributedConfig) {
    const { networkId, instanceId } = config
    const log = config.log ?? (() => undefined)
    this.local = new Network({
      platform: nodePlatform,
      networkId,
      instanceId,
      env: config.env ?? {},
      log,
      freeze: config.freeze ?? process.env['NODE_ENV'] === 'development',
      ...(config.statesFolder !== undefined && { states: new FileStateStore(config.statesFolder) }),
    })
    this.#exports = new NetworkExports(this.local, this.#scope)
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
      platform: nodePlatform,
      randomBytes: (size) => randomBytes(size),
      log: ({ level, text }) => log({ level, node: undefined, text }),
      exports: this.#exports,
      registry: config.registry ?? false,
      dialects: config.dialects ?? [],
      metrics: () => this.#metrics({ networkId, instanceId }),
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
    this.local.subscribe((event) => this.#followWires(event))
  }

  /** Where peers reach this instance, once it has started: `host:port`. */
  get address(): string | undefined {
    return this.#address && `${this.#address.host}:${this.#address.port}`
  }

  /** Opens the port, then starts the nodes; once only: after a shutdown make a new network. Throws `PORT_IN_USE`, `BIND_REFUSED`, or what a node's start threw; then nothing is left running. */
  async start(): Promise<void> {
    this.#telemetry = await registeredApi()
    if (this.#telemetry !== undefined) this.#follow(new OpenTelemetryTracer(this.#telemetry, { scope: this.#scope }))
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
    this.#unfollow?.()
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

  /** Dials at once instead of at the next try; a link that is up goes on over a new connection. Throws `PEER_UNKNOWN` when it is not dialled. */
  reconnectToNetwork(address: string): void {
    this.#endpoint.redial(address)
  }

  /**
   * Adds a node that stands for an exported node of a linked peer, and answers its id: by default `<actor>@<network>`, or what the
   * conflict strategy makes of it. Throws `PEER_UNKNOWN` when there is no such peer, `NOT_EXPORTED` when it has no such node, and
   * `NODE_DUPLICATE` when the id is taken.
   */
  async registerRemoteActor(
    actor: string,
    networkId: string,
    { conflict = 'fullyQualified', spread }: RemoteOptions = {},
  ): Promise<string> {
    const directory = await this.#endpoint.directory(networkId)
    const node = directory.find(({ id }) => id === actor)
    if (node === undefined) {
      const known = directory.map(({ id }) => id).join(', ') || 'nothing'
      throw new MillraceError('NOT_EXPORTED', `${networkId} does not export a node "${actor}"; it exports ${known}`)
    }
    const ports = { inports: node.inports.map(({ name }) => name), outports: node.outports.map(({ name }) => name) }
    const target = { node: actor, networkId, ...(spread && { spread }) }
    const taken = new Set(this.local.snapshot().nodes.map(({ id }) => id))
    const id = chooseNodeId(target, conflict, (name) => taken.has(name))
    this.addRemoteNode(id, target, ports)
    return id
  }

  /** The remote nodes of this network. */
  listRemoteActors(): RemoteActor[] {
    return [...this.#remotes].map(([id, { target }]) => ({ id, actor: target.node, networkId: target.networkId }))
  }

  /**
   * Asks the peers anew what they export, and answers which remote nodes are there and which are gone; a peer that is not linked now
   * tells nothing, and its nodes count as neither.
   */
  async refreshRemoteActors(): Promise<{ there: string[]; gone: string[] }> {
    const networkIds = [...new Set(this.listRemoteActors().map(({ networkId }) => networkId))]
    const asked = await Promise.allSettled(networkIds.map((networkId) => this.#endpoint.directory(networkId)))
    const there: string[] = []
    const gone: string[] = []
    for (const { id, actor, networkId } of this.listRemoteActors()) {
      const answer = asked[networkIds.indexOf(networkId)]
      if (answer?.status !== 'fulfilled') continue
      const list = answer.value.some((node) => node.id === actor) ? there : gone
      list.push(id)
    }
    return { there, gone }
  }

  /** Adds a remote node whose ports are known, as from a graph; its peer need not be there yet. */
  addRemoteNode(
    id: string,
    target: RemoteTarget,
    ports: { inports: readonly string[]; outports: readonly string[] },
  ): void {
    const remote = new RemoteNode(this.#endpoint, this.#scope, target, ports)
    this.local.addNode(id, remote.actor, { role: 'remote' })
    this.#remotes.set(id, remote)
  }

  /** Removes a remote node with its wires, once what was under way to it has come. */
  async unregisterRemoteActor(id: string): Promise<void> {
    await this.#remotes.get(id)?.end()
    this.#remotes.delete(id)
    await this.local.removeNode(id)
  }

  /** Wires two nodes of this network, remote nodes among them: what `delivery` promises holds on the link that such a wire crosses. */
  connect(from: WireEnd, to: WireEnd, options?: WireOptions): string {
    // Before the wire is there, since that opens the way to the peer.
    this.#deliver(from, to, options?.delivery ?? 'reliable')
    try {
      return this.local.addWire(from, to, options)
    } catch (error) {
      this.#deliver(from, to, undefined)
      throw error
    }
  }

  /** Changes how a wire holds and loses messages, and what it promises on a link; the messages on it stay. */
  configureWire(id: string, options: WireOptions): void {
    const wire = this.local.snapshot().wires.find((candidate) => candidate.id === id)
    this.local.wires.configure(id, options)
    if (wire) this.#deliver(wire.from, wire.to, options.delivery ?? 'reliable')
  }

  /** Sends one message to an inport of a peer's node; resolves when the link has taken it. */
  async sendToRemoteActor(networkId: string, actor: string, port: string, value: unknown): Promise<void> {
    const key = JSON.stringify([networkId, actor, port])
    const channel = this.#channels.get(key) ?? this.#endpoint.openChannel(networkId, actor, port)
    this.#channels.set(key, channel)
    await channel.send(this.#scope.outgoing(value))
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
  followMessages({
    oneIn,
    linksBegin = true,
    record,
  }: Partial<Following> & { record: (span: RecordedSpan) => void }): () => void {
    const scope = this.#scope
    scope.linksBegin = linksBegin
    const api = this.#telemetry
    const undo = this.#follow(
      api === undefined ? new SpanRecorder({ scope, oneIn, record }) : new OpenTelemetryTracer(api, { scope, record }),
    )
    return () => {
      undo()
      scope.linksBegin = true
      if (api !== undefined) this.#follow(new OpenTelemetryTracer(api, { scope }))
    }
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

  /** Follows messages in the way of a tracer, in place of the one before. */
  #follow(tracer: Tracer): () => void {
    this.#unfollow?.()
    const closeScope = this.#scope.open()
    const stop = this.local.trace(tracer)
    const undo = () => {
      stop()
      closeScope()
      if (this.#unfollow === undo) this.#unfollow = undefined
    }
    this.#unfollow = undo
    return undo
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

  async #metrics(name: { networkId: string; instanceId: string }): Promise<string> {
    // It takes long to load, and most instances are never asked.
    const { renderPrometheus } = await import('./prometheus.ts')
    const uptimeMs = nodePlatform.monotonicMs() - this.#createdMs
    const { user, system } = process.cpuUsage()
    const { rss: residentBytes, heapUsed: heapBytes } = process.memoryUsage()
    return renderPrometheus({
      ...name,
      version,
      uptimeMs,
      ...this.local.snapshot(),
      links: this.links(),
      times: this.local.times(),
      loopLag: (percent) => this.#loopLag.percentile(percent),
      process: { cpuSeconds: (user + system) / 1_000_000, residentBytes, heapBytes },
    })
  }

  /** Whether something is on its way to a peer that is not there: waiting long for it would be in vain. */
  #waitsForPeerAway(): boolean {
    return this.links().some(({ state, queued, channels }) => {
      return (
        state !== 'up' && state !== 'closed' && (queued > 0 || channels.some(({ direction }) => direction === 'out'))
      )
    })
  }

  #deliver(from: WireEnd, to: WireEnd, delivery: DeliveryMode | undefined): void {
    const wire = JSON.stringify([from, to])
    this.#remotes.get(to.node)?.deliver('in', to.port, wire, delivery)
    this.#remotes.get(from.node)?.deliver('out', from.port, wire, delivery)
  }

  #followWires(event: NetworkEvent): void {
    if (event.type === 'wireAdded') this.#remotes.get(event.from.node)?.subscribe(event.from.port)
    if (event.type !== 'wireRemoved') return
    this.#deliver(event.from, event.to, undefined)
    const { node, port } = event.from
    const stillWired = this.local.snapshot().wires.some((wire) => wire.from.node === node && wire.from.port === port)
    if (!stillWired) this.#remotes.get(node)?.unsubscribe(port)
  }
}
