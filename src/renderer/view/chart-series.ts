import type { InstanceMetrics, MetricsPoint } from '../../shared/index.ts'
import type { Rates } from './rates.ts'

/** A point of a line: time in milliseconds since the epoch, and a value; `null` breaks the line. */
export type ChartPoint = [number, number | null]

/** A line of a chart. */
export interface ChartLine {
  name: string
  points: ChartPoint[]
}

/** More points than this in a line cost more to draw than they show. */
export const pointLimit = 600

/** A silence longer than this is a gap in the line, not a slope. */
const gapMs = 5_000

/** The figures of a snapshot as a point of the history, as the lab itself would note them. */
export function pointOf(metrics: InstanceMetrics, rates: Rates): MetricsPoint {
  return {
    timeMs: metrics.timeMs,
    messagesPerSecond: rates.messages,
    queued: metrics.wires.reduce((total, wire) => total + wire.queued, 0),
    loopLagMs: metrics.process.loopLagP99Ms,
    cpu: metrics.process.cpu,
    heapBytes: metrics.process.heapBytes,
    errors: metrics.nodes.reduce((total, node) => total + node.errors, 0),
    deadLetters: metrics.deadLetters,
    gauges: Object.fromEntries(
      metrics.nodes.flatMap((node) =>
        Object.entries(node.gauges).map(([name, value]) => [`${node.id}.${name}`, value]),
      ),
    ),
  }
}

/** Adds a point to those of an instance: at most one per `spacingMs`, none from before `sinceMs`. */
export function withPoint(
  points: readonly MetricsPoint[],
  next: MetricsPoint,
  { sinceMs, spacingMs }: { sinceMs: number; spacingMs: number },
): readonly MetricsPoint[] {
  const last = points.at(-1)
  if (last && next.timeMs - last.timeMs < spacingMs) return points
  const first = points.findIndex(({ timeMs }) => timeMs >= sinceMs)
  return [...(first === -1 ? [] : points.slice(first)), next]
}

/** One line through the points of an instance, broken where nothing was heard, of at most `pointLimit` points. */
export function lineOf(
  points: readonly MetricsPoint[],
  pick: (point: MetricsPoint) => number | undefined,
  sinceMs: number,
): ChartPoint[] {
  const line: [number, number][] = []
  for (const point of points) {
    const value = pick(point)
    if (point.timeMs >= sinceMs && value !== undefined && Number.isFinite(value)) line.push([point.timeMs, value])
  }
  return lineFrom(line)
}

/** One line through these points, broken where nothing was heard, of at most `pointLimit` points. */
export function lineFrom(points: readonly [number, number][]): ChartPoint[] {
  return withGaps(thinOut(points, pointLimit))
}

/** About as many pixels as the narrowest chart is wide. */
const leastPixels = 200
/** Lines that only go on as they were are drawn on in longer steps: what is new of them is time alone. */
const flatSteps = 50

/** What can be seen of lines over a stretch of time, as a text: as long as it stays the same there is nothing to draw anew. */
export function pictureOf(
  lines: readonly ChartLine[],
  { sinceMs, untilMs }: { sinceMs: number; untilMs: number },
): string {
  const spanMs = untilMs - sinceMs
  const isFlat = lines.every(({ points }) => points.at(-1)?.[1] === points.at(-2)?.[1])
  const pixelOf = (timeMs: number) => Math.floor((timeMs / spanMs) * (isFlat ? flatSteps : leastPixels))
  const seen = lines.map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)]
    return first && last ? [name, pixelOf(first[0]), last[1]] : [name]
  })
  return JSON.stringify([spanMs, pixelOf(untilMs), seen])
}

/** Thins a line out to `limit` points, keeping the lowest and the highest of each stretch, so that no peak is lost. */
export function thinOut(line: readonly [number, number][], limit: number): [number, number][] {
  if (line.length <= limit) return [...line]
  const stretches = Math.floor(limit / 2)
  const size = line.length / stretches
  const thin: [number, number][] = []
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const part = line.slice(Math.floor(stretch * size), Math.floor((stretch + 1) * size))
    const low = part.reduce((best, point) => (point[1] < best[1] ? point : best))
    const high = part.reduce((best, point) => (point[1] > best[1] ? point : best))
    if (low === high) thin.push(low)
    else thin.push(...(low[0] < high[0] ? [low, high] : [high, low]))
  }
  return thin
}

function withGaps(line: readonly [number, number][]): ChartPoint[] {
  const result: ChartPoint[] = []
  let previous: number | undefined
  for (const [timeMs, value] of line) {
    if (previous !== undefined && timeMs - previous > gapMs) result.push([previous + 1, null])
    result.push([timeMs, value])
    previous = timeMs
  }
  return result
}
