import type { MetricsPoint } from '../../shared/index.ts'

/** A figure that a node reports of itself. */
export interface Gauge {
  instance: string
  /** `node.gauge`, as the history names it. */
  key: string
  node: string
  name: string
}

/** Names under which models report how good they are, all between 0 and 1. */
export const qualityNames: readonly string[] = ['accuracy', 'f1', 'r2', 'precision', 'recall']

/** Every gauge that the newest points know, those of a model's quality first, then by name. */
export function gaugesIn(history: ReadonlyMap<string, readonly MetricsPoint[]>): Gauge[] {
  const gauges = [...history].flatMap(([instance, points]) =>
    Object.keys(points.at(-1)?.gauges ?? {}).map((key): Gauge => {
      const dot = key.lastIndexOf('.')
      return { instance, key, node: key.slice(0, Math.max(0, dot)), name: key.slice(dot + 1) }
    }),
  )
  return gauges.sort(
    (one, other) =>
      rankOf(one) - rankOf(other) || one.name.localeCompare(other.name) || one.key.localeCompare(other.key),
  )
}

/** Whether a gauge says how good a model is. */
export function isQuality(gauge: Gauge): boolean {
  return qualityNames.includes(plainName(gauge))
}

/** The quality that the node knows best which reports most of it: others only pass on what that one measured. */
export function qualityIn(gauges: readonly Gauge[]): Gauge[] {
  const known = gauges.filter(isQuality)
  const ofSameNode = (gauge: Gauge) =>
    known.filter(({ instance, node }) => instance === gauge.instance && node === gauge.node)
  return known.map(ofSameNode).reduce((best, own) => (own.length > best.length ? own : best), [])
}

/** What to call a gauge among others: its name alone where that is enough. */
export function gaugeLabel(gauge: Gauge, all: readonly Gauge[]): string {
  const namesakes = all.filter(({ name }) => name === gauge.name)
  if (namesakes.length === 1) return gauge.name
  const sameNode = namesakes.filter(({ node }) => node === gauge.node)
  return sameNode.length === 1 ? `${gauge.name} · ${gauge.node}` : `${gauge.name} · ${gauge.node} · ${gauge.instance}`
}

function rankOf(gauge: Gauge): number {
  const rank = qualityNames.indexOf(plainName(gauge))
  return rank === -1 ? qualityNames.length : rank
}

/** `F1 score`, `f1_score` and `f1` are one name. */
function plainName(gauge: Gauge): string {
  return gauge.name.toLowerCase().replaceAll(/[_\s-]?score$|[_\s-]/gu, '')
}
