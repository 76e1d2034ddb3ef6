import { setTimeout as delay } from 'node:timers/promises'
import type { Sample } from './bench.ts'

/** How long a sample runs before it counts, so that the code is compiled for what it does. */
const warmMs = 700
/** How long it counts. */
const windowMs = 1_000

/**
 * Measures how much is done per second of this process's processor time, after a warm-up; `count` tells what has been done so far.
 * Where nothing else runs, that is per second of the clock: then `share` is 1. Where much else runs, the clock would measure that instead.
 */
export async function sampleRate(count: () => number): Promise<Required<Pick<Sample, 'rate' | 'share'>>> {
  await delay(warmMs)
  const before = { count: count(), cpuMs: processorMs(), ms: performance.now() }
  await delay(windowMs)
  const cpuMs = processorMs() - before.cpuMs
  return { rate: (1_000 * (count() - before.count)) / cpuMs, share: cpuMs / (performance.now() - before.ms) }
}

/** Processor time this process has used so far, all its threads together, in milliseconds. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** Gives the middle of some figures. */
export function median(figures: ArrayLike<number>): number {
  return quantile(figures, 0.5)
}

/** Gives the figure below which a share of them lies (0 to 1), between two if need be. */
export function quantile(figures: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(figures).sort()
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}
