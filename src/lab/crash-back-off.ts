import { nodePlatform } from './node-platform.ts'

const windowMs = 60_000
const maxCrashes = 5
const firstDelayMs = 500
const maxDelayMs = 30_000

/** Says how long to wait before starting again after a crash: longer each time, with jitter; not at all after five in a minute. */
export class CrashBackOff {
  readonly #platform: Pick<typeof nodePlatform, 'monotonicMs' | 'random'>
  #crashes: number[] = []

  constructor(platform: Pick<typeof nodePlatform, 'monotonicMs' | 'random'> = nodePlatform) {
    this.#platform = platform
  }

  /** Counts a crash; the answer is in milliseconds, or `undefined` to give up. */
  next(): number | undefined {
    const now = this.#platform.monotonicMs()
    this.#crashes = [...this.#crashes.filter((time) => now - time < windowMs), now]
    if (this.#crashes.length >= maxCrashes) return undefined
    const ceiling = Math.min(maxDelayMs, firstDelayMs * 2 ** (this.#crashes.length - 1))
    return Math.round(ceiling * (0.5 + this.#platform.random() / 2))
  }
}
