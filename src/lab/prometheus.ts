import { Counter, Gauge, Registry } from 'prom-client'
import { registerTimes, type TimesOfNode } from './prometheus-times.ts'
import type { LinkSnapshot, NodeSnapshot, WireSnapshot } from '../shared/index.ts'

/** What the metrics of an instance are made of. */
export interface MetricsSources {
  readonly networkId: string
  readonly instanceId: string
  readonly version: string
  readonly uptimeMs: number
  readonly nodes: readonly NodeSnapshot[]
  readonly wires: readonly WireSnapshot[]
  readonly links: readonly LinkSnapshot[]
  readonly deadLetters: number
  readonly times: readonly TimesOfNode[]
  /** How late the loop is, in seconds, at so many of a hundred turns. */
  readonly loopLag: (percent: number) => number
  /** Of the process that the instance runs in; the heap is that of its own thread. */
  readonly process: { readonly cpuSeconds: number; readonly residentBytes: number; readonly heapBytes: number }
}

type Labels = Record<string, string>
type Samples = readonly (readonly [Labels, number])[]

/** Writes the figures of an instance in the Prometheus text format; names follow https://prometheus.io/docs/practices/naming/. */
export function renderPrometheus(sources: MetricsSources): Promise<string> {
  const registry = new Registry()
  // Figures are read when asked for, so a fresh registry holds them as they are at this moment.
  const counter = (name: string, help: string, samples: Samples) => {
    const metric = new Counter({ name, help, labelNames: namesOf(samples), registers: [registry] })
    for (const [labels, value] of samples) metric.inc(labels, Math.max(0, value))
  }
  const gauge = (name: string, help: string, samples: Samples) => {
    const metric = new Gauge({ name, help, labelNames: namesOf(samples), registers: [registry] })
    for (const [labels, value] of samples) metric.set(labels, value)
  }
  const { networkId, instanceId, version } = sources
  gauge('millrace_info', 'The instance and its version.', [[{ network: networkId, instance: instanceId, version }, 1]])
  gauge('millrace_uptime_seconds', 'Time since the start of the instance.', [[{}, sources.uptimeMs / 1000]])
  counter('millrace_dead_letters_total', 'Messages that could not be delivered or processed.', [
    [{}, sources.deadLetters],
  ])
  gauge(
    'millrace_loop_lag_seconds',
    'How late the event loop of the instance is, at 50, 95 and 99 of 100 turns since its start.',
    [0.5, 0.95, 0.99].map((quantile) => [{ quantile: String(quantile) }, sources.loopLag(quantile * 100)]),
  )
  const { cpuSeconds, residentBytes, heapBytes } = sources.process
  counter('process_cpu_seconds_total', 'Processor time of the process that the instance runs in.', [[{}, cpuSeconds]])
  gauge('process_resident_memory_bytes', 'Memory of the process that the instance runs in.', [[{}, residentBytes]])
  gauge('millrace_heap_bytes', 'JavaScript heap in use by the thread of the instance.', [[{}, heapBytes]])
  registerTimes(registry, sources.times)
  nodeMetrics(sources.nodes, counter, gauge)
  wireMetrics(sources.wires, counter, gauge)
  linkMetrics(sources.links, counter, gauge)
  return registry.metrics()
}

type Write = (name: string, help: string, samples: Samples) => void

function nodeMetrics(nodes: readonly NodeSnapshot[], counter: Write, gauge: Write): void {
  const each = (read: (node: NodeSnapshot) => number): Samples => nodes.map((node) => [{ node: node.id }, read(node)])
  counter(
    'millrace_node_received_total',
    'Messages that a node took.',
    each(({ received }) => received),
  )
  counter(
    'millrace_node_sent_total',
    'Messages that a node emitted.',
    each(({ sent }) => sent),
  )
  counter(
    'millrace_node_errors_total',
    'Messages that a node failed on.',
    each(({ errors }) => errors),
  )
  counter(
    'millrace_node_dead_letters_total',
    'Dead letters of a node.',
    each(({ deadLetters }) => deadLetters),
  )
  counter(
    'millrace_node_busy_seconds_total',
    'Time in which a node computed.',
    each(({ busyMs }) => busyMs / 1000),
  )
  counter(
    'millrace_node_blocked_seconds_total',
    'Time in which a node waited for room in the wires out of it.',
    each(({ blockedMs }) => blockedMs / 1000),
  )
  gauge(
    'millrace_node_queued_messages',
    'Messages in the wires into a node.',
    each(({ queued }) => queued),
  )
  gauge(
    'millrace_node_outbox_messages',
    'Messages that no wire has taken yet.',
    each(({ outbox }) => outbox),
  )
  gauge(
    'millrace_node_state',
    'The state of a node: 1 for the one it is in.',
    nodes.map((node) => [{ node: node.id, state: node.state }, 1]),
  )
  gauge(
    'millrace_node_gauge',
    'What a node reports of itself.',
    nodes.flatMap((node) =>
      Object.entries(node.gauges).map(([name, value]) => [{ node: node.id, name }, value] as const),
    ),
  )
}

function wireMetrics(wires: readonly WireSnapshot[], counter: Write, gauge: Write): void {
  const each = (read: (wire: WireSnapshot) => number): Samples => wires.map((wire) => [{ wire: wire.id }, read(wire)])
  counter(
    'millrace_wire_accepted_total',
    'Messages put on a wire.',
    each(({ accepted }) => accepted),
  )
  counter(
    'millrace_wire_dropped_total',
    'Messages that a wire dropped by its policy.',
    each(({ dropped }) => dropped),
  )
  gauge(
    'millrace_wire_queued_messages',
    'Messages on a wire.',
    each(({ queued }) => queued),
  )
  gauge(
    'millrace_wire_queued_bytes',
    'Bytes on a wire.',
    each(({ queuedBytes }) => queuedBytes),
  )
  gauge(
    'millrace_wire_capacity_messages',
    'Messages a wire holds.',
    each(({ capacity }) => capacity),
  )
  gauge(
    'millrace_wire_high_water_messages',
    'The most that a wire has held.',
    each(({ highWater }) => highWater),
  )
}

function linkMetrics(links: readonly LinkSnapshot[], counter: Write, gauge: Write): void {
  // Two addresses of one peer that has not answered yet may read the same only once.
  const unique = [...new Map(links.map((link) => [link.peer, link])).values()]
  const each = (read: (link: LinkSnapshot) => number): Samples =>
    unique.map((link) => [{ peer: link.peer }, read(link)])
  gauge('millrace_link_up', 'Whether a link is up, suspect ones included.', each(isUp))
  gauge(
    'millrace_link_suspect',
    'Whether a peer gives no sign of life.',
    each(({ state }) => Number(state === 'suspect')),
  )
  gauge(
    'millrace_link_secure',
    'Whether a link proves and protects.',
    each(({ secure }) => Number(secure)),
  )
  gauge(
    'millrace_link_rtt_seconds',
    'The round trip of a link, smoothed.',
    unique.flatMap((link) => (link.rttMs === undefined ? [] : [[{ peer: link.peer }, link.rttMs / 1000] as const])),
  )
  gauge(
    'millrace_link_queued_messages',
    'Messages that wait for a link.',
    each(({ queued }) => queued),
  )
  counter(
    'millrace_link_sent_total',
    'Messages sent on a link.',
    each(({ sent }) => sent),
  )
  counter(
    'millrace_link_received_total',
    'Messages received on a link.',
    each(({ received }) => received),
  )
  counter(
    'millrace_link_duplicated_total',
    'Messages that came twice and were dropped.',
    each(({ duplicated }) => duplicated),
  )
  gauge(
    'millrace_link_lost_messages',
    'Messages that count as lost; found again, they count no more.',
    each(({ lost }) => lost),
  )
  counter(
    'millrace_link_uncertain_total',
    'Messages that a start of the peer had received when it was killed, and that no actor is known to have had.',
    each(({ uncertain = 0 }) => uncertain),
  )
  counter(
    'millrace_link_sent_bytes_total',
    'Bytes sent on a link.',
    each(({ sentBytes }) => sentBytes),
  )
  counter(
    'millrace_link_received_bytes_total',
    'Bytes received on a link.',
    each(({ receivedBytes }) => receivedBytes),
  )
  counter(
    'millrace_link_reconnects_total',
    'How often a link was made anew.',
    each(({ reconnects }) => reconnects),
  )
}

function isUp({ state }: LinkSnapshot): number {
  return Number(state === 'up' || state === 'suspect')
}

function namesOf(samples: Samples): string[] {
  return Object.keys(samples[0]?.[0] ?? {})
}
