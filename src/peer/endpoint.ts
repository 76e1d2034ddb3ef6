import { describeError, MillraceError, type LinkSnapshot } from '../shared/index.ts'
import { Acceptor } from './acceptor.ts'
import { formatAddress, isLoopback, parseAddress } from './address.ts'
import { EitherChannel } from './dialects/either-channel.ts'
import { ReflowDialect } from './dialects/reflow-dialect.ts'
import { Dialler, type DialOptions } from './dialler.ts'
import type { Endpoint, EndpointOptions } from './endpoint-options.ts'
import {
  peerLabel,
  type ChannelOptions,
  type ExportedNode,
  type LinkEvent,
  type MessageSink,
  type OutboundChannel,
  type PeerName,
} from './engine.ts'
import { answerHttp } from './http-routes.ts'
import type { LinkEnvironment } from './link-environment.ts'
import type { LinkOwner } from './link-owner.ts'
import { KeyRing } from './key-ring.ts'
import { LinkRegistry } from './link-registry.ts'
import { lostText, uncertainText, upText } from './event-text.ts'
import { createNotices, type Notices } from './notices.ts'
import { OwnDirectory } from './own-directory.ts'
import type { PeerLink } from './peer-link.ts'
import { findWrongName } from './protocol/handshake-message.ts'
import { createValueCodec } from './protocol/value-codec.ts'
import { Registry } from './registry.ts'
import { Routes } from './routes.ts'
import { snapshotLinks } from './snapshot-links.ts'
import type { Listener } from './transport.ts'

/** Long messages travel in parts; a frame of many small ones takes at most 1 MiB. */
const maxPacketBytes = 4 * 1024 * 1024
const drainLookMs = 10
/** How long a peer that was asked to send nothing more has for its last message. */
const lastMessageMs = 1000
/** A sink that has taken nothing for so long is not waited for. */
const untakenMs = 500

/** Makes an instance's end of its links. Nothing runs before `start` or `dial`. @throws MillraceError `USAGE` when its names are none. */
export function createEndpoint(options: EndpointOptions): Endpoint {
  return new PeerEndpoint(options)
}

class PeerEndpoint implements Endpoint {
  readonly #options: EndpointOptions
  readonly #notices: Notices
  readonly #environment: LinkEnvironment
  readonly #registry: LinkRegistry
  readonly #routes: Routes
  readonly #acceptor: Acceptor
  readonly #keys: KeyRing
  readonly #diallers = new Map<string, Dialler>()
  readonly #listeners = new Set<(event: LinkEvent) => void>()
  readonly #createdMs: number
  readonly #reflow: ReflowDialect | undefined
  readonly #registryService: Registry | undefined
  readonly #directory: OwnDirectory
  #listener: Listener | undefined
  #stopping: Promise<void> | undefined

  constructor(options: EndpointOptions) {
    const wrongName = findWrongName(options.identity)
    if (wrongName !== undefined) throw new MillraceError('USAGE', wrongName)
    this.#options = options
    const { platform, authToken, acceptTokens = [] } = options
    this.#notices = createNotices(options.log, () => platform.monotonicMs())
    this.#keys = new KeyRing(authToken === undefined ? acceptTokens : [authToken, ...acceptTokens])
    this.#directory = new OwnDirectory(options.exports, () => {
      for (const link of this.#registry.all) link.session?.directory.changed()
    })
    this.#environment = this.#makeEnvironment()
    this.#registry = new LinkRegistry(this.#environment, this.#makeOwner())
    this.#routes = new Routes(this.#environment, this.#registry)
    const { maxConnections = 256 } = options
    this.#acceptor = new Acceptor(this.#environment, this.#registry, { keys: this.#keys, maxConnections })
    this.#reflow = options.dialects?.includes('reflow')
      ? new ReflowDialect(this.#environment, { transport: options.transport, maxPacketBytes })
      : undefined
    this.#registryService = options.registry ? new Registry(platform) : undefined
    this.#createdMs = platform.monotonicMs()
  }

  async start(): Promise<{ host: string; port: number }> {
    const { bindAddress, bindPort, hostNames = [], transport, tls } = this.#options
    if (this.#listener) return { host: this.#listener.host, port: this.#listener.port }
    this.#checkBind()
    const reflow = this.#reflow
    const listener = await transport.listen(
      {
        host: bindAddress,
        port: bindPort,
        hostNames: [bindAddress, ...hostNames],
        maxPacketBytes,
        ...(tls && { tls }),
      },
      {
        admit: (from) => this.#acceptor.admit(from),
        accept: (connection) => this.#acceptor.accept(connection),
        ...(reflow && { acceptText: (connection) => reflow.accept(connection) }),
        request: (request) => answerHttp(request, this.#httpParts()),
        noise: (from, reason) =>
          this.#notices.seldom(
            'noise',
            'warn',
            `something that is no peer called${from && ` from ${from}`}: ${reason}`,
          ),
      },
    )
    if (this.#stopping) {
      await listener.stop()
      throw new MillraceError('LINK_DOWN', 'the instance was stopped while it started')
    }
    this.#listener = listener
    if (reflow) this.#notices.write('warn', reflowWarning)
    return { host: listener.host, port: listener.port }
  }

  stop(options: { drainMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(options.drainMs ?? 0)
    return this.#stopping
  }

  dial(address: string, options: DialOptions = {}): () => void {
    const target = parseAddress(address)
    const key = formatAddress(target)
    if (this.#stopping) throw new MillraceError('LINK_DOWN', `cannot dial ${key}: the instance is stopping`)
    this.#undial(key)
    if (options.dialect === 'reflow') return this.#withReflow(key).dial(target)
    const dialler = new Dialler(target, options, {
      environment: this.#environment,
      registry: this.#registry,
      transport: this.#options.transport,
      maxPacketBytes,
    })
    this.#diallers.set(key, dialler)
    dialler.start()
    return () => {
      if (this.#diallers.get(key) === dialler) this.#undial(key)
    }
  }

  redial(address: string): void {
    this.#diallerOf(address).retry()
  }

  changeTokens(tokens: readonly string[]): readonly string[] {
    this.#keys.replace(tokens)
    return this.#keys.accepted.map(({ id }) => id)
  }

  changeDialTokens(address: string, tokens: Pick<DialOptions, 'token' | 'nextToken'>): void {
    this.#diallerOf(address).changeTokens(tokens)
  }

  async connected(address: string): Promise<PeerName> {
    return this.#diallerOf(address).connected()
  }

  openChannel(networkId: string, node: string, port: string, options?: ChannelOptions): OutboundChannel {
    const route = () => this.#routes.openChannel({ networkId, node, port, ...options })
    const reflow = this.#reflow
    if (!reflow || this.#registry.linksOf(networkId).length > 0) return route()
    return new EitherChannel(
      () => {
        if (reflow.reaches(networkId)) return reflow.openChannel(networkId, node, port)
        return this.#registry.linksOf(networkId).length > 0 ? route() : undefined
      },
      (look) => this.subscribeEvents(look),
    )
  }

  subscribe(
    networkId: string,
    node: string,
    port: string,
    sink: MessageSink,
    options?: ChannelOptions,
  ): () => Promise<void> {
    return this.#routes.subscribe({ networkId, node, port, ...options }, sink)
  }

  async holdPeers(withinMs: number): Promise<void> {
    const { platform } = this.#options
    const untilMs = platform.monotonicMs() + withinMs
    await Promise.all(this.#registry.all.map((link) => link.holdPeer(Math.min(withinMs, lastMessageMs))))
    for (let left = Infinity, stuckAtMs = 0; ;) {
      const queued = this.#untaken
      const nowMs = platform.monotonicMs()
      if (queued < left) stuckAtMs = nowMs + untakenMs
      if (queued === 0 || nowMs >= Math.min(untilMs, stuckAtMs)) return
      left = queued
      await new Promise<void>((looked) => void platform.after(drainLookMs, looked))
    }
  }

  async directory(networkId: string): Promise<readonly ExportedNode[]> {
    if (this.#reflow?.reaches(networkId)) return this.#reflow.directory(networkId)
    const live = this.#registry.linksOf(networkId).filter((link) => link.live)
    if (live.length < 2) return this.#registry.liveLinkOf(networkId).askDirectory()
    return joined(await Promise.all(live.map((link) => link.askDirectory())))
  }

  knownDirectory(networkId: string): readonly ExportedNode[] | undefined {
    const told = this.#registry.linksOf(networkId).filter(({ live, exports }) => live && exports.revision > 0)
    return told.length === 0 ? undefined : joined(told.map(({ exports }) => exports.nodes))
  }

  async ping(networkId: string): Promise<{ rttMs: number }> {
    const { live } = this.#registry.liveLinkOf(networkId)
    if (!live) throw new MillraceError('LINK_DOWN', `there is no link to ${networkId} now`)
    return { rttMs: await live.ping() }
  }

  links(): LinkSnapshot[] {
    const links = snapshotLinks({
      links: this.#registry.all,
      diallers: [...this.#diallers.values()],
      routes: this.#routes,
      nowMs: this.#options.platform.monotonicMs(),
      stopped: this.#stopping !== undefined,
    })
    return this.#reflow ? [...links, ...this.#reflow.links()] : links
  }

  subscribeEvents(listener: (event: LinkEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Messages that came and were not taken yet. */
  get #untaken(): number {
    return this.#registry.all.reduce((sum, link) => sum + link.untaken, this.#routes.queued)
  }

  /** What other machines can reach asks for a token, and for encryption unless that is waived by name. */
  #checkBind(): void {
    const { bindAddress, allowInsecure, tls } = this.#options
    if (isLoopback(bindAddress)) return
    if (this.#keys.accepted.length === 0)
      throw new MillraceError(
        'BIND_REFUSED',
        `"${bindAddress}" can be reached by other machines, and there is no token: set authToken, or bind 127.0.0.1`,
      )
    if (!allowInsecure && this.#reflow)
      throw new MillraceError(
        'BIND_REFUSED',
        `"${bindAddress}" can be reached by other machines, and Reflow's dialect has no authentication: set allowInsecure to accept that, or bind 127.0.0.1`,
      )
    if (!allowInsecure && !tls)
      throw new MillraceError(
        'BIND_REFUSED',
        `"${bindAddress}" can be reached by other machines, and links are not encrypted: set tls, or allowInsecure to accept that, or bind 127.0.0.1`,
      )
  }

  #httpParts(): Parameters<typeof answerHttp>[1] {
    const { identity, platform, status, metrics } = this.#options
    return {
      identity,
      keys: this.#keys,
      uptimeMs: () => platform.monotonicMs() - this.#createdMs,
      links: () => this.links(),
      status,
      metrics,
      registry: this.#registryService,
    }
  }

  async #stop(drainMs: number): Promise<void> {
    // Nobody new from here on; what is linked may finish.
    const listening = this.#listener?.stop()
    await this.#drain(drainMs)
    for (const key of this.#diallers.keys()) this.#undial(key, 'keep the connection')
    this.#acceptor.stop()
    this.#reflow?.stop()
    for (const link of this.#registry.all) link.stop('the instance stops')
    this.#routes.stop('the instance stops')
    this.#directory.stop()
    await listening
    this.#listener = undefined
  }

  async #drain(drainMs: number): Promise<void> {
    const { platform } = this.#options
    const untilMs = platform.monotonicMs() + drainMs
    const idle = () => this.#routes.queued === 0 && this.#registry.all.every((link) => link.idle)
    while (!idle() && platform.monotonicMs() < untilMs)
      await new Promise<void>((looked) => void platform.after(drainLookMs, looked))
  }

  /** @throws MillraceError `USAGE` when the dialect is not switched on. */
  #withReflow(address: string): ReflowDialect {
    if (this.#reflow) return this.#reflow
    throw new MillraceError('USAGE', `cannot dial ${address} in Reflow's dialect: set "dialects": ["reflow"] first`)
  }

  #diallerOf(address: string): Dialler {
    const dialler = this.#diallers.get(formatAddress(parseAddress(address)))
    if (dialler) return dialler
    const dialled = [...this.#diallers.keys()].slice(0, 20).join(', ') || 'none'
    throw new MillraceError('PEER_UNKNOWN', `${address} is not dialled; peers that are: ${dialled}`)
  }

  #undial(key: string, connection: 'end the connection' | 'keep the connection' = 'end the connection'): void {
    this.#diallers.get(key)?.stop(connection)
    this.#diallers.delete(key)
  }

  #emit(event: LinkEvent): void {
    if (event.type === 'linkUp') this.#notices.write('info', upText(event))
    if (event.type === 'linkDown')
      this.#notices.write(
        event.resumable ? 'warn' : 'info',
        `the link to ${peerLabel(event.peer)} is down: ${event.reason}`,
      )
    if (event.type === 'messagesLost')
      this.#notices.write(event.delivery === 'reliable' ? 'error' : 'info', lostText(event))
    if (event.type === 'messagesUncertain') this.#notices.write('warn', uncertainText(event))
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        this.#notices.write('error', `a listener of link events failed: ${describeError(error)}`)
      }
    }
  }

  #makeEnvironment(): LinkEnvironment {
    const {
      identity,
      platform,
      randomBytes,
      heartbeatIntervalMs = 2000,
      resumeWindowMs = 60_000,
      exports,
    } = this.#options
    const defer = platform.defer?.bind(platform) ?? ((run: () => void) => void setImmediate(run))
    return {
      identity,
      platform: {
        now: () => platform.now(),
        monotonicMs: () => platform.monotonicMs(),
        after: (delayMs, run) => platform.after(delayMs, run),
        random: () => platform.random(),
        ...(platform.arrived && { arrived: platform.arrived.bind(platform) }),
        ...(platform.handedOver && { handedOver: platform.handedOver.bind(platform) }),
        defer,
        soon: platform.soon?.bind(platform) ?? ((run: () => void) => process.nextTick(run)),
      },
      randomBytes,
      heartbeatIntervalMs,
      resumeWindowMs,
      codec: createValueCodec(),
      exports,
      directory: () => this.#directory.now,
      notices: this.#notices,
      emit: (event) => this.#emit(event),
      stopping: () => this.#stopping !== undefined,
    }
  }

  #makeOwner(): LinkOwner<PeerLink> {
    return {
      sessionStarted: (link) => this.#routes.sessionStarted(link),
      sessionEnded: () => this.#routes.rebind(),
      outgoingRefused: (link, channel, reason) => this.#routes.outgoingRefused(link, channel, reason),
      incomingRefused: (link, channel, reason) => this.#routes.incomingRefused(link, channel, reason),
      exportsChanged: (link) => this.#routes.exportsChanged(link),
      connectionEnded: (link: PeerLink) => {
        this.#routes.connectionEnded(link)
        for (const dialler of this.#diallers.values()) dialler.connectionEnded(link)
      },
    }
  }
}

/** What several instances of a network export together. */
function joined(directories: readonly (readonly ExportedNode[])[]): readonly ExportedNode[] {
  return [...new Map(directories.flat().map((node) => [node.id, node])).values()]
}

const reflowWarning =
  "Reflow's dialect is spoken here, which has no authentication: whoever reaches the port can send to every exported node"
