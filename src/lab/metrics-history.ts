import type { InstanceMetrics, MetricsPoint } from '../shared/index.ts'

const pointIntervalMs = 1_000
const maxPoints = 900
const maxGauges = 64

interface Series {
  points: MetricsPoint[]
  /** The snapshot of the last point, and that of the point before. */
  last: InstanceMetrics | undefined
  before: InstanceMetrics | undefined
}

/** Keeps the figures of each instance, one point a second for the last 15 minutes; rates are made from successive counts. */
export class MetricsHistory {
  readonly #series = new Map<string, Series>()

  /** Takes a snapshot; it becomes a point when a second has passed since the last one. */
  add(metrics: InstanceMetrics): void {
    const series = this.#series.get(metrics.instance) ?? { points: [], last: undefined, before: undefined }
    this.#series.set(metrics.instance, series)
    // A clock that was set back starts the measuring anew.
    if (series.last === undefined || metrics.timeMs < series.last.timeMs) {
      series.last = metrics
      series.before = undefined
      return
    }
    if (metrics.timeMs - series.last.timeMs < pointIntervalMs * 0.9) return
    series.points.push(pointBetween(series.last, metrics))
    if (series.points.length > maxPoints) series.points.shift()
    series.before = series.last
    series.last = metrics
  }

  /** Forgets the last snapshot of an instance, so that a restart does not look like a negative rate. */
  restart(instance: string): void {
    const series = this.#series.get(instance)
    if (series) Object.assign(series, { last: undefined, before: undefined })
  }

  /** The snapshot of an instance of one to two seconds ago; `undefined` while it has not run so long. */
  before(instance: string): InstanceMetrics | undefined {
    return this.#series.get(instance)?.before
  }

  /** All points newer than `sinceMs`, by instance. */
  since(sinceMs = 0): { instance: string; points: MetricsPoint[] }[] {
    return [...this.#series].map(([instance, { points }]) => ({
      instance,
      points: points.filter((point) => point.timeMs > sinceMs),
    }))
  }
}

function pointBetween(before: InstanceMetrics, after: InstanceMetrics): MetricsPoint {
  const seconds = (after.timeMs - before.timeMs) / 1_000
  return {
    timeMs: after.timeMs,
    messagesPerSecond: Math.max(0, (receivedBy(after) - receivedBy(before)) / seconds),
    queued: after.wires.reduce((sum, wire) => sum + wire.queued, 0),
    loopLagMs: after.process.loopLagP99Ms,
    cpu: after.process.cpu,
    heapBytes: after.process.heapBytes,
    errors: after.nodes.reduce((sum, node) => sum + node.errors, 0),
    deadLetters: after.deadLetters,
    gauges: gaugesOf(after),
  }
}

function receivedBy(metrics: InstanceMetrics): number {
  return metrics.nodes.reduce((sum, node) => sum + node.received, 0)
}

function gaugesOf(metrics: InstanceMetrics): Record<string, number> {
  const named = metrics.nodes.flatMap((node) =>
    Object.entries(node.gauges).map(([name, value]) => [`${node.id}.${name}`, value] as const),
  )
  return Object.fromEntries(named.slice(0, maxGauges))
}
