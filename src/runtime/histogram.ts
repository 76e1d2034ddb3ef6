import type { Quantiles } from '../shared/index.ts'

/** Buckets per doubling: what is read is at most an eighth off. */
const perDoubling = 4
const shift = 2
/** Durations are counted in quarters of a microsecond. */
const unitsPerMs = 4_000
const buckets = (32 - shift) * perDoubling + perDoubling
/** How long a duration counts among the recent ones, at least; at most twice as long. */
const recentMs = 5_000

/**
 * Counts durations in buckets that widen with them, from a quarter of a microsecond to 18 minutes: a record is an addition to an
 * array, 3 ns. Knows all since the beginning, and those of the last five to ten seconds.
 */
export class Histogram {
  count = 0
  sumMs = 0
  readonly #counts = new Uint32Array(buckets)
  /** The counts as they were five to ten seconds ago, and zero to five. */
  #older: Uint32Array | undefined
  #newer: Uint32Array | undefined
  #turnedAtMs = 0

  /** Counts a duration, or several of about this length. */
  record(durationMs: number, times = 1): void {
    const bucket = bucketOf(durationMs)
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + times
    this.count += times
    this.sumMs += durationMs * times
  }

  /** What the last five to ten seconds were like; `undefined` when nothing was recorded in them. */
  recent(nowMs: number): Quantiles | undefined {
    this.#turn(nowMs)
    const recent = this.#counts.map((all, bucket) => all - (this.#older?.[bucket] ?? 0))
    const count = recent.reduce((sum, some) => sum + some, 0)
    if (count === 0) return undefined
    return {
      count,
      p50Ms: quantile(recent, count * 0.5),
      p95Ms: quantile(recent, count * 0.95),
      p99Ms: quantile(recent, count * 0.99),
      maxMs: quantile(recent, count),
    }
  }

  /** How many of all took at most so long, for each bound; the bounds ascend. */
  cumulative(boundsMs: readonly number[]): number[] {
    let bucket = 0
    let sum = 0
    return boundsMs.map((boundMs) => {
      for (; bucket < buckets && middleOf(bucket) <= boundMs; bucket++) sum += this.#counts[bucket] ?? 0
      return sum
    })
  }

  #turn(nowMs: number): void {
    if (this.#newer !== undefined && nowMs - this.#turnedAtMs < recentMs) return
    this.#older = this.#newer
    this.#newer = this.#counts.slice()
    this.#turnedAtMs = nowMs
  }
}

/** The first buckets are one unit wide; each four further ones twice as wide as the four before. */
function bucketOf(durationMs: number): number {
  const units = Math.min(0xffff_ffff, Math.max(0, durationMs * unitsPerMs)) >>> 0
  if (units < perDoubling) return units
  const exponent = 31 - Math.clz32(units)
  return (exponent - shift) * perDoubling + (units >>> (exponent - shift))
}

/** The duration that stands for a bucket. */
function middleOf(bucket: number): number {
  if (bucket < perDoubling) return (bucket + 0.5) / unitsPerMs
  const doublings = Math.floor(bucket / perDoubling) - 1
  const least = (perDoubling + (bucket % perDoubling)) * 2 ** doublings
  return (least + 2 ** doublings / 2) / unitsPerMs
}

function quantile(counts: Uint32Array, rank: number): number {
  let sum = 0
  for (let bucket = 0; bucket < counts.length; bucket++) {
    sum += counts[bucket] ?? 0
    if (sum > 0 && sum >= rank) return middleOf(bucket)
  }
  return 0
}
