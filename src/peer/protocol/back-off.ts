const firstMs = 100
const longestMs = 15_000
/** Where nobody is burdened by tries: one that finds nobody on this machine takes microseconds. */
export const longestHereMs = 2_000

/** How long to wait before the next try: anything up to a bound that doubles from 100 ms to 15 s (or what is said), so that peers do not come back in step. */
export class BackOff {
  readonly #random: () => number
  readonly #longestMs: number
  #failures = 0

  constructor(random: () => number, most = longestMs) {
    this.#random = random
    this.#longestMs = most
  }

  next(): number {
    const bound = Math.min(this.#longestMs, firstMs * 2 ** Math.min(this.#failures, 20))
    this.#failures++
    return this.#random() * bound
  }

  reset(): void {
    this.#failures = 0
  }
}
