import Bonjour, { type Browser, type Service } from 'bonjour-service'
import { randomBytes } from 'node:crypto'
import { formatAddress, type DiscoveryFilter, type FoundInstance, type OwnEntry } from '../peer/index.ts'
import { describeError } from '../shared/index.ts'

/** The DNS-SD type: `_millrace._tcp.local` (RFC 6763). */
const serviceType = 'millrace'
/** What an answer from the network may hold at most. */
const maxFound = 1_000
const maxText = 200

/** Finds instances in the local network by multicast DNS, and lets itself be found. What it finds are hints. */
export class LanDiscovery {
  readonly #log: (level: 'info' | 'warn', text: string) => void
  /** A name of one label of at most 63 bytes; who it is stands in the record. */
  readonly #name = `millrace-${randomBytes(8).toString('hex')}`
  readonly #found = new Map<string, FoundInstance>()
  readonly #listeners = new Set<() => void>()
  #bonjour: Bonjour | undefined
  #browser: Browser | undefined
  #failed = false

  constructor(log: (level: 'info' | 'warn', text: string) => void) {
    this.#log = log
  }

  /** Makes itself known at a port, and listens for others. */
  start(own: OwnEntry & { port: number }): void {
    this.#bonjour = new Bonjour(undefined, (error: unknown) => this.#fail(error))
    const { networkId: network, instanceId: instance, secure, capabilities, tags } = own
    const txt = {
      network,
      instance,
      tls: secure ? '1' : '0',
      capabilities: capabilities.join(','),
      tags: tags.join(','),
    }
    const service = this.#bonjour.publish({ name: this.#name, type: serviceType, port: own.port, probe: false, txt })
    service.on('error', (error: unknown) => this.#fail(error))
    this.#browser = this.#bonjour.find({ type: serviceType })
    this.#browser.on('up', (found: Service) => this.#up(found))
    this.#browser.on('down', ({ name }: Service) => {
      this.#found.delete(name)
      this.#tell()
    })
  }

  /** Those that are known now. */
  find({ networkId, capability, tag }: DiscoveryFilter = {}): FoundInstance[] {
    return [...this.#found.values()].filter(
      (found) =>
        (networkId === undefined || found.networkId === networkId) &&
        (capability === undefined || found.capabilities.includes(capability)) &&
        (tag === undefined || found.tags.includes(tag)),
    )
  }

  /** Tells when what is known has changed; returns its undo. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Says goodbye to the network and listens no more. Safe to call twice. */
  async stop(): Promise<void> {
    const bonjour = this.#bonjour
    this.#bonjour = undefined
    this.#browser?.stop()
    this.#found.clear()
    if (!bonjour) return
    await new Promise<void>((gone) => bonjour.unpublishAll(() => gone()))
    await new Promise<void>((closed) => bonjour.destroy(() => closed()))
  }

  #up(service: Service): void {
    if (service.name === this.#name || this.#found.size >= maxFound) return
    const found = foundIn(service)
    if (!found) return
    this.#found.set(service.name, found)
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  #fail(error: unknown): void {
    if (this.#failed) return
    this.#failed = true
    this.#log('warn', `cannot look for instances in the local network: ${describeError(error)}`)
  }
}

function foundIn({ port, addresses = [], referer, txt }: Service): FoundInstance | undefined {
  const record = (typeof txt === 'object' && txt !== null ? txt : {}) as Record<string, unknown>
  const networkId = textOf(record['network'])
  const instanceId = textOf(record['instance'])
  const host = referer?.address ?? addresses[0]
  if (networkId === '' || instanceId === '' || host === undefined || !(port >= 1 && port <= 65_535)) return undefined
  return {
    networkId,
    instanceId,
    endpoint: formatAddress({ host, port }),
    secure: record['tls'] === '1',
    capabilities: textOf(record['capabilities']).split(',').filter(Boolean),
    tags: textOf(record['tags']).split(',').filter(Boolean),
    source: 'lan',
  }
}

/** Anybody in the network may say anything. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').slice(0, maxText) : ''
}
