const kept = 64

/**
 * When the newest batches ended. A node that is woken in a batch notes the number of that batch, which costs a store; when it was is looked
 * up if somebody wants to know.
 */
export class Moments {
  /** The moment that comes next, or is under way. */
  number = 0
  readonly #times = new Float64Array(kept)

  /** Ends the moment that is under way. */
  end(nowMs: number): void {
    this.#times[this.number % kept] = nowMs
    // Small enough to stay a small integer.
    this.number = (this.number + 1) % 0x3fff_ffc0
  }

  /** When a moment ended; of one that is long past, no later than what is known still. */
  at(number: number): number {
    const behind = this.number - number
    const isKnown = behind > 0 && behind <= kept
    return this.#times[((isKnown ? number : this.number) + kept) % kept] ?? 0
  }
}
