/** Keeps many series over one time axis, newest last, in memory that is reserved once per series. */
export class SeriesStore {
  readonly #capacity: number
  readonly #times: Float64Array
  readonly #series = new Map<string, { values: Float64Array; lastNumber: number }>()
  /** How many moments have been added in all. */
  #number = 0

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#times = new Float64Array(capacity)
  }

  /** Adds a moment; series that are not named have no value in it. One that has had none for as long as is kept goes. */
  add(timeMs: number, values: Iterable<readonly [key: string, value: number]>): void {
    const place = this.#number % this.#capacity
    this.#times[place] = timeMs
    for (const { values: kept } of this.#series.values()) kept[place] = Number.NaN
    for (const [key, value] of values) {
      let series = this.#series.get(key)
      if (!series) {
        series = { values: new Float64Array(this.#capacity).fill(Number.NaN), lastNumber: 0 }
        this.#series.set(key, series)
      }
      series.values[place] = value
      series.lastNumber = this.#number
    }
    this.#number += 1
    for (const [key, { lastNumber }] of this.#series)
      if (this.#number - lastNumber > this.#capacity) this.#series.delete(key)
  }

  /** The names of all series. */
  get keys(): string[] {
    return [...this.#series.keys()]
  }

  /** The newest value of a series. */
  latest(key: string): number | undefined {
    const value = this.#series.get(key)?.values[(this.#number - 1) % this.#capacity]
    return value === undefined || Number.isNaN(value) ? undefined : value
  }

  /** The values of a series from a time on, as points; moments without a value are left out. */
  points(key: string, sinceMs: number): [number, number][] {
    const series = this.#series.get(key)
    if (!series) return []
    const points: [number, number][] = []
    for (let number = Math.max(0, this.#number - this.#capacity); number < this.#number; number += 1) {
      const place = number % this.#capacity
      const [time = 0, value = Number.NaN] = [this.#times[place], series.values[place]]
      if (time >= sinceMs && !Number.isNaN(value)) points.push([time, value])
    }
    return points
  }
}
