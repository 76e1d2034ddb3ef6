import type { MetricsPoint, NodeSnapshot, Quantiles, WireSnapshot, LinkSnapshot } from '../../shared/index.ts'
import { fillShare } from './fill.ts'
import { linkKey, type NodeRates, type Rates } from './rates.ts'

/** What a chart has a line for. */
export type ChartScope = 'instance' | 'node' | 'wire' | 'link'

/** A sort of chart that a board can have. */
export interface ChartKind {
  id: string
  scope: ChartScope
  title: string
  unit: string
  /** Whether its scale has whole numbers alone. */
  isWhole?: boolean
  /** The upper end of its scale. */
  max?: number
}

interface InstanceKind extends ChartKind {
  scope: 'instance'
  pick(point: MetricsPoint): number
}

/** Charts with a line per instance; the lab itself keeps their history. */
export const instanceKinds: readonly InstanceKind[] = [
  { id: 'rate', scope: 'instance', title: 'Messages per second', unit: '/s', pick: (point) => point.messagesPerSecond },
  { id: 'queued', scope: 'instance', title: 'Queue depth', unit: '', isWhole: true, pick: (point) => point.queued },
  { id: 'lag', scope: 'instance', title: 'Loop lag p99', unit: ' ms', pick: (point) => point.loopLagMs },
  { id: 'cpu', scope: 'instance', title: 'CPU', unit: ' %', pick: (point) => point.cpu * 100 },
  { id: 'heap', scope: 'instance', title: 'Heap', unit: ' MiB', pick: (point) => point.heapBytes / 1_048_576 },
  { id: 'errors', scope: 'instance', title: 'Failures so far', unit: '', isWhole: true, pick: (point) => point.errors },
  {
    id: 'dead',
    scope: 'instance',
    title: 'Dead letters so far',
    unit: '',
    isWhole: true,
    pick: (point) => point.deadLetters,
  },
]

interface NodeKind extends ChartKind {
  scope: 'node'
  /** `undefined` where there is none. */
  pick(node: NodeSnapshot, rates: NodeRates): number | undefined
}
interface WireKind extends ChartKind {
  scope: 'wire'
  pick(wire: WireSnapshot, rate: number): number
}
interface LinkKind extends ChartKind {
  scope: 'link'
  pick(link: LinkSnapshot, rate: { sent: number; received: number }): number | undefined
}

const quantiles = [
  { id: 'p50', pick: (times: Quantiles | undefined) => times?.p50Ms },
  { id: 'p95', pick: (times: Quantiles | undefined) => times?.p95Ms },
  { id: 'p99', pick: (times: Quantiles | undefined) => times?.p99Ms },
] as const

export const nodeKinds: readonly NodeKind[] = [
  {
    id: 'node.received',
    scope: 'node',
    title: 'Received by nodes',
    unit: '/s',
    pick: (_node, rates) => rates.received,
  },
  { id: 'node.sent', scope: 'node', title: 'Sent by nodes', unit: '/s', pick: (_node, rates) => rates.sent },
  { id: 'node.busy', scope: 'node', title: 'Busy nodes', unit: ' %', pick: (_node, rates) => rates.busy * 100 },
  {
    id: 'node.blocked',
    scope: 'node',
    title: 'Blocked nodes',
    unit: ' %',
    pick: (_node, rates) => rates.blocked * 100,
  },
  {
    id: 'node.queued',
    scope: 'node',
    title: 'Queued before nodes',
    unit: '',
    isWhole: true,
    pick: (node) => node.queued,
  },
  ...(['service', 'wait'] as const).flatMap((times) =>
    quantiles.map(({ id, pick }): NodeKind => ({
      // Without an ending it is what it was before there were three.
      id: `node.${times}${id === 'p95' ? '' : `.${id}`}`,
      scope: 'node',
      title: `${times === 'service' ? 'Time per message' : 'Wait before nodes'} ${id}`,
      unit: ' ms',
      pick: (node) => pick(node[times]),
    })),
  ),
  { id: 'node.errors', scope: 'node', title: 'Failures of nodes', unit: '/s', pick: (_node, rates) => rates.errors },
]

export const wireKinds: readonly WireKind[] = [
  { id: 'wire.rate', scope: 'wire', title: 'Rates of wires', unit: '/s', pick: (_wire, rate) => rate },
  { id: 'wire.queued', scope: 'wire', title: 'Queues of wires', unit: '', isWhole: true, pick: (wire) => wire.queued },
  {
    id: 'wire.fill',
    scope: 'wire',
    title: 'How full wires are',
    unit: ' %',
    max: 100,
    pick: (wire) => fillShare(wire.queued, wire.capacity) * 100,
  },
]

export const linkKinds: readonly LinkKind[] = [
  { id: 'link.rtt', scope: 'link', title: 'Round trip of links', unit: ' ms', pick: (link) => link.rttMs },
  { id: 'link.sent', scope: 'link', title: 'Sent over links', unit: '/s', pick: (_link, rate) => rate.sent },
  {
    id: 'link.received',
    scope: 'link',
    title: 'Received over links',
    unit: '/s',
    pick: (_link, rate) => rate.received,
  },
  { id: 'link.queued', scope: 'link', title: 'Waiting at links', unit: '', isWhole: true, pick: (link) => link.queued },
]

/** A chart of one node, that which is selected or else the slowest: a line for each of several kinds. */
export interface SpreadKind extends ChartKind {
  scope: 'node'
  /** What it says of the node, whose name follows. */
  about: string
  lines: readonly { kind: string; name: string }[]
}

export const spreadKinds: readonly SpreadKind[] = (['service', 'wait'] as const).map((times) => ({
  id: `spread.${times}`,
  scope: 'node',
  title: times === 'service' ? 'Time per message, p50 to p99' : 'Wait before a node, p50 to p99',
  about: times === 'service' ? 'Takes at' : 'Waits before',
  unit: ' ms',
  lines: quantiles.map(({ id }) => ({ kind: `node.${times}${id === 'p95' ? '' : `.${id}`}`, name: id })),
}))

/** Every sort of chart. */
export const chartKinds: readonly ChartKind[] = [
  ...instanceKinds,
  ...spreadKinds,
  ...nodeKinds,
  ...wireKinds,
  ...linkKinds,
]

/** Charts whose values stay above a limit can be told of. */
export function canHaveLimit(id: string): boolean {
  return chartKinds.some((kind) => kind.id === id) && !spreadKinds.some((kind) => kind.id === id)
}

/** The board that a window begins with. */
export const firstBoard: readonly string[] = ['rate', 'queued', 'lag']

/** Every value of nodes, wires and links now, under `<kind> <instance> <name>`. */
export function* valuesOf(
  instance: string,
  metrics: { nodes: readonly NodeSnapshot[]; wires: readonly WireSnapshot[]; links: readonly LinkSnapshot[] },
  rates: Rates,
): Generator<readonly [string, number]> {
  for (const node of metrics.nodes) {
    const rate = rates.nodes.get(node.id)
    if (!rate) continue
    for (const kind of nodeKinds) {
      const value = kind.pick(node, rate)
      if (value !== undefined) yield [`${kind.id} ${instance} ${node.id}`, value]
    }
  }
  for (const wire of metrics.wires)
    for (const kind of wireKinds)
      yield [`${kind.id} ${instance} ${wire.id}`, kind.pick(wire, rates.wires.get(wire.id) ?? 0)]
  for (const link of metrics.links) {
    const rate = rates.links.get(linkKey(link)) ?? { sent: 0, received: 0 }
    for (const kind of linkKinds) {
      const value = kind.pick(link, rate)
      if (value !== undefined) yield [`${kind.id} ${instance} ${link.peer}`, value]
    }
  }
}

/** Splits the key of a value into the instance and the name within it. */
export function partsOfKey(kind: string, key: string): { instance: string; name: string } {
  const rest = key.slice(kind.length + 1)
  const space = rest.indexOf(' ')
  return { instance: rest.slice(0, space), name: rest.slice(space + 1) }
}
