import { isIP } from 'node:net'
import { MillraceError } from '../shared/index.ts'
import { formatAddress, parseAddress } from './address.ts'
import { printable } from './protocol/fields.ts'

/** An entry of a registry; the fields are Reflow's, in its spelling. A hint only: who it is, an instance proves when it is dialled. */
export interface RegistryEntry {
  readonly network_id: string
  readonly instance_id: string
  /** `host:port` */
  readonly endpoint: string
  readonly capabilities: readonly string[]
  readonly tags: readonly string[]
  /** Whether the endpoint speaks TLS. */
  readonly secure: boolean
  /** RFC 3339. */
  readonly last_seen: string
}

/** What a list is narrowed to: entries that have all of these. */
export interface RegistryFilter {
  readonly networkId?: string | undefined
  readonly capabilities?: readonly string[]
  readonly tags?: readonly string[]
}

/** How long an entry lives that does not say so: those of Reflow come once and are never refreshed. */
export const defaultTtlMs = 300_000
const leastTtlMs = 1_000
const mostTtlMs = 600_000
const maxEntries = 4_096
const maxEntriesPerAddress = 64
const maxWords = 32
const maxWordLength = 200

interface Held {
  readonly entry: RegistryEntry
  /** The address that registered it; no other may change it. */
  readonly from: string
  readonly untilMs: number
}

/** Keeps who said where they can be reached, until it is stale. Bounded in all and per address. */
export class Registry {
  readonly #held = new Map<string, Held>()
  readonly #now: () => number
  readonly #monotonicMs: () => number

  constructor(clock: { now(): number; monotonicMs(): number }) {
    this.#now = () => clock.now()
    this.#monotonicMs = () => clock.monotonicMs()
  }

  /**
   * Takes an entry for its time to live; `from` is the host that asks. An endpoint of any address (0.0.0.0) becomes one of that host.
   * @throws MillraceError `MESSAGE_INVALID`, `DUPLICATE_ID` when another host holds the name, `LINK_REFUSED` when there is no more room.
   */
  register(body: unknown, from: string): { entry: RegistryEntry; ttlMs: number } {
    const { entry, ttlMs } = parseEntry(body, from, this.#now())
    this.#dropStale()
    const key = keyOf(entry.network_id, entry.instance_id)
    const holder = this.#held.get(key)
    if (holder && holder.from !== from)
      throw new MillraceError(
        'DUPLICATE_ID',
        `${entry.network_id}/${entry.instance_id} is registered from another address; give one of the two another instance_id`,
      )
    if (!holder) this.#checkRoom(from)
    this.#held.delete(key)
    this.#held.set(key, { entry, from, untilMs: this.#monotonicMs() + ttlMs })
    return { entry, ttlMs }
  }

  /** Forgets an entry; answers whether there was one. @throws MillraceError `FORBIDDEN` when another host holds it. */
  remove(networkId: string, instanceId: string, from: string): boolean {
    this.#dropStale()
    const key = keyOf(networkId, instanceId)
    const holder = this.#held.get(key)
    if (!holder) return false
    if (holder.from !== from)
      throw new MillraceError('FORBIDDEN', 'an entry can be removed only from the address that registered it')
    return this.#held.delete(key)
  }

  /** The entries that are not stale and fit. */
  list({ networkId, capabilities = [], tags = [] }: RegistryFilter = {}): RegistryEntry[] {
    this.#dropStale()
    return [...this.#held.values()]
      .map(({ entry }) => entry)
      .filter(
        (entry) =>
          (networkId === undefined || entry.network_id === networkId) &&
          capabilities.every((wanted) => entry.capabilities.includes(wanted)) &&
          tags.every((wanted) => entry.tags.includes(wanted)),
      )
  }

  #checkRoom(from: string): void {
    let own = 0
    for (const held of this.#held.values()) if (held.from === from) own++
    if (own >= maxEntriesPerAddress)
      throw new MillraceError(
        'LINK_REFUSED',
        `${maxEntriesPerAddress} instances are registered from this address already`,
      )
    if (this.#held.size >= maxEntries) throw new MillraceError('LINK_REFUSED', 'the registry is full')
  }

  #dropStale(): void {
    const nowMs = this.#monotonicMs()
    for (const [key, { untilMs }] of this.#held) if (untilMs <= nowMs) this.#held.delete(key)
  }
}

function parseEntry(body: unknown, from: string, nowMs: number): { entry: RegistryEntry; ttlMs: number } {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid('expected {"network_id", "instance_id", "endpoint", "capabilities"}')
  const fields = new Map(Object.entries(body))
  const ttl = fields.get('ttl_ms') ?? defaultTtlMs
  if (typeof ttl !== 'number' || !(ttl > 0)) throw invalid('"ttl_ms" is a number above 0')
  const secure = fields.get('secure') ?? false
  if (typeof secure !== 'boolean') throw invalid('"secure" is true or false')
  const entry = {
    network_id: word(fields, 'network_id'),
    instance_id: word(fields, 'instance_id'),
    endpoint: reachable(word(fields, 'endpoint'), from),
    capabilities: words(fields, 'capabilities'),
    tags: words(fields, 'tags'),
    secure,
    last_seen: new Date(nowMs).toISOString(),
  }
  return { entry, ttlMs: Math.min(mostTtlMs, Math.max(leastTtlMs, ttl)) }
}

/** Who listens on every address is reached where it asks from. */
function reachable(endpoint: string, from: string): string {
  try {
    const { host, port } = parseAddress(endpoint)
    const plain = from.startsWith('::ffff:') && isIP(from.slice(7)) === 4 ? from.slice(7) : from
    return formatAddress({ host: host === '0.0.0.0' || host === '::' ? plain : host, port })
  } catch {
    throw invalid('"endpoint" is no "host:port"')
  }
}

function word(fields: ReadonlyMap<string, unknown>, name: string): string {
  const value = fields.get(name)
  if (typeof value !== 'string' || value === '' || printable(value, maxWordLength) !== value)
    throw invalid(`"${name}" is a text of 1 to ${maxWordLength} characters`)
  return value
}

function words(fields: ReadonlyMap<string, unknown>, name: string): string[] {
  const value = fields.get(name) ?? []
  if (!Array.isArray(value) || value.length > maxWords) throw invalid(`"${name}" is a list of up to ${maxWords} texts`)
  return value.map((item: unknown, index) => word(new Map([[`${name}[${index}]`, item]]), `${name}[${index}]`))
}

function invalid(what: string): MillraceError {
  return new MillraceError('MESSAGE_INVALID', `this is no entry of a registry: ${what}`)
}

function keyOf(networkId: string, instanceId: string): string {
  return JSON.stringify([networkId, instanceId])
}
