import type { Metric, Registry } from 'prom-client'
import type { Histogram } from '../runtime/index.ts'

/** How long a node takes for a message, and how long messages wait for it. */
export interface TimesOfNode {
  readonly node: string
  readonly service: Histogram
  readonly waiting: Histogram
}

/** A microsecond to 67 seconds, each four times the one before: more would be 20 lines for every node. */
const boundsSeconds = Array.from({ length: 14 }, (_, step) => Number((1e-6 * 4 ** step).toPrecision(6)))

/** Writes what nodes take and what waits for them as histograms. prom-client's own take single values, and ours have counted already. */
export function registerTimes(registry: Registry, times: readonly TimesOfNode[]): void {
  register(registry, 'millrace_node_service_seconds', 'How long a node takes for a message.', (value) =>
    times.flatMap(({ node, service }) => value(node, service)),
  )
  register(registry, 'millrace_node_wait_seconds', 'How long messages wait for a node, of samples.', (value) =>
    times.flatMap(({ node, waiting }) => value(node, waiting)),
  )
}

interface Value {
  metricName: string
  labels: Record<string, string | number>
  value: number
}

function register(
  registry: Registry,
  name: string,
  help: string,
  read: (values: (node: string, histogram: Histogram) => Value[]) => Value[],
): void {
  const valuesOf = (node: string, histogram: Histogram): Value[] => {
    if (histogram.count === 0) return []
    const sums = histogram.cumulative(boundsSeconds.map((bound) => bound * 1_000))
    const bucket = (le: number | string, value: number) => ({
      metricName: `${name}_bucket`,
      labels: { node, le },
      value,
    })
    return [
      ...boundsSeconds.map((bound, index) => bucket(bound, sums[index] ?? 0)),
      bucket('+Inf', histogram.count),
      { metricName: `${name}_sum`, labels: { node }, value: histogram.sumMs / 1_000 },
      { metricName: `${name}_count`, labels: { node }, value: histogram.count },
    ]
  }
  const metric = {
    name,
    help,
    type: 'histogram',
    get: async () => ({ name, help, type: 'histogram', values: read(valuesOf) }),
  }
  // All that a registry asks of a metric when it is written is `get`.
  registry.registerMetric(metric as unknown as Metric)
}
