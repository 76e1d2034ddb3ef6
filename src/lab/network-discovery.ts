import {
  Discovery,
  formatAddress,
  parseAddress,
  requestPeer,
  type DiscoveryFilter,
  type DiscoveryPlace,
  type FoundInstance,
  type OwnEntry,
  type TlsTrust,
} from '../peer/index.ts'
import { describeError } from '../shared/index.ts'
import { LanDiscovery } from './lan-discovery.ts'
import { nodePlatform } from './node-platform.ts'

const lookAgainMs = 5_000

/** Where an instance registers itself and finds others. */
export interface DiscoveryEndpoint {
  /** `http://host:port`, `https://host:port` or `host:port` of an instance with a registry. */
  endpoint: string
  /** The token of that instance; needed off this machine. */
  token?: string | undefined
  tls?: TlsTrust
}

/** What discovery asks of its network. */
export interface DiscoveryHost {
  readonly own: () => OwnEntry & { port: number }
  /** Dials an address; returns its undo. */
  readonly dial: (address: string, options: FollowOptions & { expectNetworkId: string }) => () => void
  readonly isUp: (address: string) => boolean
  readonly log: (level: 'info' | 'warn', text: string) => void
}

/** How the instances of a network are dialled once they are found. */
export interface FollowOptions {
  token?: string | undefined
  tls?: TlsTrust
}

/** Finds instances in registries and in the local network, and keeps to those that are to be dialled. */
export class NetworkDiscovery {
  readonly #host: DiscoveryHost
  readonly #registries: Discovery
  readonly #lan: LanDiscovery | undefined
  readonly #follows = new Set<Follow>()

  constructor(options: { endpoints: readonly DiscoveryEndpoint[]; mdns: boolean }, host: DiscoveryHost) {
    this.#host = host
    this.#registries = new Discovery({
      places: options.endpoints.map(placeOf),
      own: host.own,
      ask: requestPeer,
      platform: nodePlatform,
      log: host.log,
    })
    this.#lan = options.mdns ? new LanDiscovery(host.log) : undefined
  }

  /** Makes the instance known. */
  start(): void {
    this.#registries.start()
    this.#lan?.start(this.#host.own())
    this.#lan?.subscribe(() => {
      for (const follow of this.#follows) void follow.look()
    })
  }

  /** Takes the instance out of the registries again. Safe to call twice. */
  async stop(): Promise<void> {
    for (const follow of this.#follows) follow.stop('keep the links')
    this.#follows.clear()
    await Promise.all([this.#registries.stop(), this.#lan?.stop()])
  }

  /** Those that fit, each once for every place it was found at. Throws what the first registry answered when none answers. */
  async find(filter: DiscoveryFilter = {}): Promise<FoundInstance[]> {
    return [...(await this.#registries.find(filter)), ...(this.#lan?.find(filter) ?? [])]
  }

  /** Dials every instance of a network, whenever one is found; returns its undo, which ends the links. */
  follow(networkId: string, options: FollowOptions): () => void {
    const follow = new Follow(networkId, options, { find: (filter) => this.find(filter), host: this.#host })
    this.#follows.add(follow)
    void follow.look()
    return () => {
      follow.stop('end the links')
      this.#follows.delete(follow)
    }
  }
}

/** Keeps the instances of one network dialled. */
class Follow {
  readonly #networkId: string
  readonly #options: FollowOptions
  readonly #find: (filter: DiscoveryFilter) => Promise<FoundInstance[]>
  readonly #host: DiscoveryHost
  readonly #dialled = new Map<string, () => void>()
  #cancel: () => void = () => undefined
  #stopped = false
  #complained = false

  constructor(
    networkId: string,
    options: FollowOptions,
    parts: { find: (filter: DiscoveryFilter) => Promise<FoundInstance[]>; host: DiscoveryHost },
  ) {
    this.#networkId = networkId
    this.#options = options
    this.#find = parts.find
    this.#host = parts.host
  }

  async look(): Promise<void> {
    this.#cancel()
    try {
      const found = await this.#find({ networkId: this.#networkId })
      if (!this.#stopped) this.#keepTo(found)
      this.#complained = false
    } catch (error) {
      if (!this.#complained)
        this.#host.log('warn', `cannot look for instances of ${this.#networkId}: ${describeError(error)}`)
      this.#complained = true
    }
    if (!this.#stopped) this.#cancel = nodePlatform.after(lookAgainMs, () => void this.look())
  }

  stop(links: 'end the links' | 'keep the links'): void {
    this.#stopped = true
    this.#cancel()
    if (links === 'end the links') for (const undial of this.#dialled.values()) undial()
    this.#dialled.clear()
  }

  #keepTo(found: readonly FoundInstance[]): void {
    const expectNetworkId = this.#networkId
    for (const { endpoint, secure } of found) {
      if (this.#dialled.has(endpoint)) continue
      const tls = this.#options.tls ?? (secure ? {} : undefined)
      const options = { token: this.#options.token, ...(tls && { tls }), expectNetworkId }
      this.#dialled.set(endpoint, this.#host.dial(endpoint, options))
    }
    // A registry may forget whom a link still reaches.
    for (const [endpoint, undial] of this.#dialled) {
      if (found.some((entry) => entry.endpoint === endpoint) || this.#host.isUp(endpoint)) continue
      undial()
      this.#dialled.delete(endpoint)
    }
  }
}

function placeOf({ endpoint, token, tls }: DiscoveryEndpoint): DiscoveryPlace {
  const address = endpoint.replace(/^http(s?):\/\//, 'ws$1://')
  const target = parseAddress(address)
  return { target, token, tls }
}

/** Reads `network:<networkId>`, which stands for every instance of a network that discovery finds. */
export function parseNetworkEndpoint(text: string): string | undefined {
  return /^network:([^\s/@:]+)$/.exec(text)?.[1]
}

/** An address is dialled once, however it is written. */
export function dialKey(address: string): string {
  return parseNetworkEndpoint(address) === undefined ? formatAddress(parseAddress(address)) : address
}
