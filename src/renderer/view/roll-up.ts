import type { InstanceMetrics, NodeSnapshot } from '../../shared/index.ts'
import type { NodeRates } from './rates.ts'

type Nodes = readonly NodeSnapshot[]

/** The worst state says what a whole is like. */
const worstFirst: readonly NodeSnapshot['state'][] = [
  'failed',
  'parked',
  'blocked',
  'paused',
  'running',
  'idle',
  'stopped',
]

/**
 * The figures of nodes that are graphs, made of those of the nodes inside (`outer/inner`). What it has received and sent is what went
 * over the wires across its border; its state is the worst one inside.
 */
export function rolledUp({ nodes, wires }: Pick<InstanceMetrics, 'nodes' | 'wires'>): NodeSnapshot[] {
  return outerIds(nodes).map((id): NodeSnapshot => {
    const prefix = `${id}/`
    const inside = nodes.filter((node) => node.id.startsWith(prefix))
    const across = (end: 'from' | 'to', other: 'from' | 'to') =>
      wires
        .filter((wire) => wire[end].node.startsWith(prefix) && !wire[other].node.startsWith(prefix))
        .reduce((sum, { accepted }) => sum + accepted, 0)
    const sum = (of: (node: NodeSnapshot) => number) => inside.reduce((total, node) => total + of(node), 0)
    const lastError = inside.find((node) => node.lastError !== undefined)?.lastError
    return {
      id,
      component: 'graph',
      role: 'local',
      state: worstFirst.find((state) => inside.some((node) => node.state === state)) ?? 'stopped',
      received: across('to', 'from'),
      sent: across('from', 'to'),
      errors: sum(({ errors }) => errors),
      deadLetters: sum(({ deadLetters }) => deadLetters),
      queued: sum(({ queued }) => queued),
      outbox: sum(({ outbox }) => outbox),
      busyMs: sum(({ busyMs }) => busyMs),
      blockedMs: sum(({ blockedMs }) => blockedMs),
      gauges: {},
      ...(lastError !== undefined && { lastError }),
    }
  })
}

/** Their rates; busy and blocked are those of the busiest and the most blocked inside. */
export function rolledUpRates(
  { nodes, wires }: Pick<InstanceMetrics, 'nodes' | 'wires'>,
  rates: { nodes: ReadonlyMap<string, NodeRates>; wires: ReadonlyMap<string, number> },
): [string, NodeRates][] {
  return outerIds(nodes).map((id) => {
    const prefix = `${id}/`
    const inside = [...rates.nodes].filter(([node]) => node.startsWith(prefix)).map(([, each]) => each)
    const across = (end: 'from' | 'to', other: 'from' | 'to') =>
      wires
        .filter((wire) => wire[end].node.startsWith(prefix) && !wire[other].node.startsWith(prefix))
        .reduce((sum, wire) => sum + (rates.wires.get(wire.id) ?? 0), 0)
    return [
      id,
      {
        received: across('to', 'from'),
        sent: across('from', 'to'),
        errors: inside.reduce((sum, { errors }) => sum + errors, 0),
        busy: Math.max(0, ...inside.map(({ busy }) => busy)),
        blocked: Math.max(0, ...inside.map(({ blocked }) => blocked)),
      },
    ]
  })
}

function outerIds(nodes: Nodes): string[] {
  const ids = nodes.flatMap(({ id }) => {
    const steps = id.split('/')
    return steps.slice(1).map((_, index) => steps.slice(0, index + 1).join('/'))
  })
  return [...new Set(ids)]
}
