const firstMs = 100
const longestMs = 15_000

/** How long to wait before the next try: anything up to a bound that doubles from 100 ms to 15 s, so that peers do not come back in step. */
export class BackOff {
  readonly #random: () => number
  #failures = 0

  constructor(random: () => number) {
    this.#random = random
  }

  next(): number {
    const bound = Math.min(longestMs, firstMs * 2 ** Math.min(this.#failures, 20))
    this.#failures++
    return this.#random() * bound
  }

  reset(): void {
    this.#failures = 0
  }
}
