import { isLoopback } from './address.ts'
import type { PeerPlatform } from './platform.ts'

/** Connections of one address that have not proved who they are. */
const maxStrangersPerAddress = 8
/** A peer with a wrong token tries about ten times a minute, and goes on being told so. */
const maxFailures = 20
const withinMs = 60_000
const pauseMs = 30_000
const maxAddresses = 10_000

interface Visits {
  strangers: number
  failures: number
  sinceMs: number
  refusedUntilMs: number
}

/**
 * Bounds what one address may ask of a listener before it has proved who it is, so that none keeps the others out: a few connections at
 * a time, and a pause after many failures. This machine's own addresses are not bounded, for all of its instances share them.
 */
export class AddressLimits {
  readonly #platform: Pick<PeerPlatform, 'monotonicMs'>
  readonly #visits = new Map<string, Visits>()

  constructor(platform: Pick<PeerPlatform, 'monotonicMs'>) {
    this.#platform = platform
  }

  /** Why no connection from this `host:port` is taken now, if so. */
  refusal(address: string): string | undefined {
    const visits = this.#visits.get(hostOf(address))
    if (!visits) return undefined
    if (visits.refusedUntilMs > this.#platform.monotonicMs())
      return 'too many connections from this address have failed; it is let in again after a pause'
    return visits.strangers >= maxStrangersPerAddress
      ? 'too many connections from this address have not said yet who they are'
      : undefined
  }

  /** A connection was made; returns what to call, once, when it is known what became of it. */
  opened(address: string): (outcome: 'proved' | 'failed' | 'gone') => void {
    const host = hostOf(address)
    if (isLoopback(host)) return () => undefined
    const visits = this.#visitsOf(host)
    visits.strangers++
    return (outcome) => {
      visits.strangers--
      if (outcome === 'failed') this.#failed(visits)
      if (outcome === 'proved') visits.failures = 0
      const paused = visits.refusedUntilMs > this.#platform.monotonicMs()
      if (visits.strangers === 0 && visits.failures === 0 && !paused) this.#visits.delete(host)
    }
  }

  #failed(visits: Visits): void {
    const nowMs = this.#platform.monotonicMs()
    if (nowMs - visits.sinceMs > withinMs) {
      visits.sinceMs = nowMs
      visits.failures = 0
    }
    if (++visits.failures < maxFailures) return
    visits.failures = 0
    visits.refusedUntilMs = nowMs + pauseMs
  }

  #visitsOf(host: string): Visits {
    const known = this.#visits.get(host)
    if (known) return known
    const [oldest] = this.#visits.keys()
    if (this.#visits.size >= maxAddresses && oldest !== undefined) this.#visits.delete(oldest)
    const visits = { strangers: 0, failures: 0, sinceMs: this.#platform.monotonicMs(), refusedUntilMs: 0 }
    this.#visits.set(host, visits)
    return visits
  }
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
}
