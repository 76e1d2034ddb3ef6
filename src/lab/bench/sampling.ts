import { setTimeout as delay } from 'node:timers/promises'

/** How long a sample runs before it counts, so that the code is compiled for what it does. */
const warmMs = 700
/** How long it counts. */
const windowMs = 1_000

/** Measures how fast something counts up, per second, after a warm-up. */
export async function sampleRate(count: () => number): Promise<number> {
  await delay(warmMs)
  const begunMs = performance.now()
  const before = count()
  await delay(windowMs)
  return (1_000 * (count() - before)) / (performance.now() - begunMs)
}

/** Gives the middle of some figures. */
export function median(figures: readonly number[]): number {
  return quantile(figures, 0.5)
}

/** Gives the figure below which a share of them lies (0 to 1), between two if need be. */
export function quantile(figures: readonly number[], share: number): number {
  const sorted = Float64Array.from(figures).sort()
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}
