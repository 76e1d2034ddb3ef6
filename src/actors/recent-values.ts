/** The newest values up to a bound, in the order they came. */
export class RecentValues<Value> {
  readonly #values: Value[] = []
  readonly #limit: number
  #next = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#values.length
  }

  /** Adds a value and returns the one that it displaced, if any. */
  add(value: Value): Value | undefined {
    const displaced = this.#values[this.#next]
    this.#values[this.#next] = value
    this.#next = (this.#next + 1) % this.#limit
    return displaced
  }

  /** Oldest first. */
  toArray(): Value[] {
    return [...this.#values.slice(this.#next), ...this.#values.slice(0, this.#next)]
  }
}
