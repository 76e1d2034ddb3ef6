import { createMemoryNetwork, type MemoryNetwork, type PeerPlatform } from '../../src/peer/index.ts'

interface Timer {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** A clock, timers, chance and a network that move only when told, the same way for the same seed. */
export class VirtualWorld {
  readonly platform: PeerPlatform
  readonly network: MemoryNetwork
  #nowMs = 0
  #order = 0
  #seed: number
  #timers = new Set<Timer>()
  #deferred: (() => void)[] = []

  constructor(seed: number, latencyMs = 5) {
    this.#seed = seed
    this.platform = {
      now: () => 1_700_000_000_000 + this.#nowMs,
      monotonicMs: () => this.#nowMs,
      after: (delayMs, run) => this.#after(delayMs, run),
      random: () => this.random(),
      soon: (run) => void this.#deferred.push(run),
      defer: (run) => void this.#deferred.push(run),
    }
    this.network = createMemoryNetwork((run) => void this.#after(this.random() * latencyMs, run))
  }

  get nowMs(): number {
    return this.#nowMs
  }

  get timers(): number {
    return this.#timers.size
  }

  /** mulberry32. */
  random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** Lets this much time pass, and everything happen that falls into it. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs
    await this.#rest()
    for (;;) {
      const next = this.#nextTimer()
      if (!next || next.atMs > untilMs) break
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      this.#timers.delete(next)
      next.run()
      await this.#rest()
    }
    this.#nowMs = untilMs
  }

  #after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, order: this.#order++, run }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  #nextTimer(): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers)
      if (!next || timer.atMs < next.atMs || (timer.atMs === next.atMs && timer.order < next.order)) next = timer
    return next
  }

  /** Runs what was put off, and the continuations of promises, until nothing is left. */
  async #rest(): Promise<void> {
    do {
      for (const run of this.#deferred.splice(0)) run()
      for (let turn = 0; turn < 12; turn++) await undefined
    } while (this.#deferred.length > 0)
  }
}
