/** A limit: it is told when a value has stayed above it for this long. */
export interface Limit {
  above: number
  forSeconds: number
}

/** Knows since when each value has been above its limit, and tells of each once until it has come down again. */
export class LimitWatch {
  readonly #since = new Map<string, { sinceMs: number; isTold: boolean }>()

  /** The values that are to be told of now. What is not named any more counts as come down. */
  crossed(
    kind: string,
    { above, forSeconds }: Limit,
    values: readonly (readonly [key: string, value: number])[],
    nowMs: number,
  ): { key: string; value: number }[] {
    const high = new Map(values.filter(([, value]) => value > above))
    for (const key of this.#since.keys()) if (key.startsWith(`${kind} `) && !high.has(key)) this.#since.delete(key)
    return [...high].flatMap(([key, value]) => {
      const known = this.#since.get(key) ?? { sinceMs: nowMs, isTold: false }
      this.#since.set(key, known)
      if (known.isTold || nowMs - known.sinceMs < forSeconds * 1_000) return []
      known.isTold = true
      return [{ key, value }]
    })
  }
}
