import { describeError, isMillraceError, MillraceError } from '../shared/index.ts'
import { formatAddress, type Address } from './address.ts'
import type { PeerName } from './engine.ts'
import type { PeerRequest } from './http-client.ts'
import { printable } from './protocol/fields.ts'
import type { PeerPlatform } from './platform.ts'
import type { RegistryEntry } from './registry.ts'
import type { TlsTrust } from './transport.ts'

/** An instance that serves a registry. */
export interface DiscoveryPlace {
  readonly target: Address
  readonly token?: string | undefined
  readonly tls?: TlsTrust | undefined
}

/** An instance that was found somewhere; a hint, since it proves who it is only when it is dialled. */
export interface FoundInstance extends PeerName {
  /** `host:port` */
  readonly endpoint: string
  readonly secure: boolean
  readonly capabilities: readonly string[]
  readonly tags: readonly string[]
  /** Where it was found: the `host:port` of a registry, or `lan`. */
  readonly source: string
}

/** What an instance tells registries about itself. */
export interface OwnEntry extends PeerName {
  readonly endpoint: string
  readonly secure: boolean
  readonly capabilities: readonly string[]
  readonly tags: readonly string[]
}

/** How the finding is narrowed down: to instances that have all of these. */
export interface DiscoveryFilter {
  readonly networkId?: string
  readonly capability?: string
  readonly tag?: string
}

const ttlMs = 30_000
const refreshMs = 10_000
const answerMs = 5_000

/** Registers an instance at the places that its config names, again and again, and finds others there. */
export class Discovery {
  readonly #places: readonly DiscoveryPlace[]
  readonly #own: () => OwnEntry
  readonly #ask: (request: PeerRequest) => Promise<{ status: number; text: string }>
  readonly #platform: PeerPlatform
  readonly #log: (level: 'info' | 'warn', text: string) => void
  /** Places that could not be reached the last time. */
  readonly #failing = new Set<DiscoveryPlace>()
  #cancel: (() => void) | undefined
  #running = false

  constructor(parts: {
    places: readonly DiscoveryPlace[]
    own: () => OwnEntry
    ask: (request: PeerRequest) => Promise<{ status: number; text: string }>
    platform: PeerPlatform
    log: (level: 'info' | 'warn', text: string) => void
  }) {
    this.#places = parts.places
    this.#own = parts.own
    this.#ask = parts.ask
    this.#platform = parts.platform
    this.#log = parts.log
  }

  /** Registers now and keeps the entries fresh; places that cannot be reached are tried again. */
  start(): void {
    if (this.#running || this.#places.length === 0) return
    this.#running = true
    void this.#round()
  }

  /** Removes the entries again; whatever cannot be reached forgets by itself. Safe to call twice. */
  async stop(): Promise<void> {
    if (!this.#running) return
    this.#running = false
    this.#cancel?.()
    const { networkId, instanceId } = this.#own()
    const path = `/networks/${encodeURIComponent(networkId)}/${encodeURIComponent(instanceId)}`
    const reached = this.#places.filter((place) => !this.#failing.has(place))
    await Promise.allSettled(reached.map((place) => this.#request(place, { method: 'DELETE', path, timeoutMs: 1_000 })))
  }

  /** Asks every place now. Throws the error of the first when none answers. */
  async find(filter: DiscoveryFilter = {}): Promise<FoundInstance[]> {
    const answers = await Promise.allSettled(this.#places.map((place) => this.#list(place, filter)))
    const failed = answers.find((answer) => answer.status === 'rejected')
    if (failed && answers.every(({ status }) => status === 'rejected')) throw failed.reason
    const { networkId, instanceId } = this.#own()
    return answers
      .flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
      .filter((found) => found.networkId !== networkId || found.instanceId !== instanceId)
  }

  async #round(): Promise<void> {
    await Promise.all(this.#places.map((place) => this.#register(place)))
    if (this.#running) this.#cancel = this.#platform.after(refreshMs, () => void this.#round())
  }

  async #register(place: DiscoveryPlace): Promise<void> {
    const { networkId, instanceId, ...rest } = this.#own()
    const body = { network_id: networkId, instance_id: instanceId, ...rest, ttl_ms: ttlMs }
    const where = formatAddress(place.target)
    try {
      await this.#request(place, { method: 'POST', path: '/register', body })
      if (this.#failing.delete(place)) this.#log('info', `registered at ${where} again`)
    } catch (error) {
      if (this.#failing.has(place)) return
      this.#failing.add(place)
      this.#log(
        'warn',
        `cannot register at ${where}: ${describeError(error)}; trying again every ${refreshMs / 1000} s`,
      )
    }
  }

  async #list(place: DiscoveryPlace, { networkId, capability, tag }: DiscoveryFilter): Promise<FoundInstance[]> {
    const query = new URLSearchParams({
      ...(networkId !== undefined && { network_id: networkId }),
      ...(capability !== undefined && { capability }),
      ...(tag !== undefined && { tag }),
    })
    const text = await this.#request(place, { method: 'GET', path: `/networks?${query.toString()}` })
    const source = formatAddress(place.target)
    return parseEntries(text, source)
  }

  async #request(
    { target, token, tls }: DiscoveryPlace,
    request: Pick<PeerRequest, 'method' | 'path' | 'body'> & { timeoutMs?: number },
  ): Promise<string> {
    const where = formatAddress(target)
    const { status, text } = await this.#ask({ target, token, tls, timeoutMs: answerMs, ...request })
    if (status >= 200 && status < 300) return text
    if (status === 401)
      throw new MillraceError(
        'AUTH_FAILED',
        `the registry at ${where} asks for another token: give that of its instance`,
      )
    if (status === 404)
      throw new MillraceError('PEER_UNKNOWN', `${where} serves no registry: set "registry": true on that instance`)
    throw new MillraceError('LINK_REFUSED', `the registry at ${where} answers ${status}: ${reasonIn(text)}`)
  }
}

/** What a registry answers comes from strangers: only what is well-formed is taken. @throws MillraceError `PROTOCOL_ERROR`. */
function parseEntries(text: string, source: string): FoundInstance[] {
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch (cause) {
    throw new MillraceError('PROTOCOL_ERROR', `the registry at ${source} does not answer with JSON`, { cause })
  }
  if (!Array.isArray(list)) throw new MillraceError('PROTOCOL_ERROR', `the registry at ${source} answers no list`)
  return list.slice(0, 10_000).flatMap((item: unknown) => parseFound(item, source) ?? [])
}

function parseFound(item: unknown, source: string): FoundInstance | undefined {
  if (typeof item !== 'object' || item === null) return undefined
  const entry: Partial<Record<keyof RegistryEntry, unknown>> = item
  const { network_id: networkId, instance_id: instanceId, endpoint } = entry
  if (typeof networkId !== 'string' || typeof instanceId !== 'string' || typeof endpoint !== 'string') return undefined
  return {
    networkId: printable(networkId),
    instanceId: printable(instanceId),
    endpoint: printable(endpoint),
    secure: entry.secure === true,
    capabilities: textsOf(entry.capabilities),
    tags: textsOf(entry.tags),
    source,
  }
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value)
    ? value.flatMap((item: unknown) => (typeof item === 'string' ? [printable(item)] : []))
    : []
}

function reasonIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } }
    return printable(String(error?.message ?? text), 300)
  } catch (error) {
    return isMillraceError(error) ? error.message : printable(text, 300)
  }
}
