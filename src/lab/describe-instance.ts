import { nodesOf, wiredPorts, wireId, wiresOf } from '../graph/index.ts'
import type { ActorDescription, InstanceDescription, Isolation } from '../shared/index.ts'
import type { SourceInstance } from './lab-source.ts'
import type { ManagedInstance } from './managed-instance.ts'

/** What the description of an instance is made of. */
export interface InstanceParts {
  source: SourceInstance
  managed: ManagedInstance
  /** What it runs, or would run when it is started. */
  graph: SourceInstance['graph']
  catalogue: readonly ActorDescription[]
  /** Where it runs, and where from its next start on. */
  isolation: { now: Isolation; next: Isolation }
  /** Whether it is no instance of the lab file. */
  isCopy: boolean
}

/** An instance as windows show it: its state, and the nodes and wires of its graph. */
export function describeInstance({
  source,
  managed,
  graph,
  catalogue,
  isolation,
  isCopy,
}: InstanceParts): InstanceDescription {
  const { name, entry, bindPort } = source
  const portsOf = wiredPorts(graph)
  const nodes = nodesOf(graph).map((node) => {
    const actor = catalogue.find((description) => description.name === node.component)
    const wired = portsOf(node.id)
    return {
      id: node.id,
      component: node.component,
      role: node.remote === undefined ? ('local' as const) : ('remote' as const),
      ...(node.label !== undefined && { label: node.label }),
      ...(node.position !== undefined && { position: node.position }),
      inports: [...new Set([...Object.keys(actor?.inports ?? {}), ...wired.inports])],
      outports: [...new Set([...Object.keys(actor?.outports ?? {}), ...wired.outports])],
    }
  })
  return {
    instance: name,
    networkId: entry.networkId,
    instanceId: entry.instanceId,
    state: managed.state,
    isolation: isolation.now,
    ...(isolation.next !== isolation.now && { nextIsolation: isolation.next }),
    address: managed.address ?? `${entry.bindAddress ?? '127.0.0.1'}:${bindPort}`,
    graphFile: entry.graph,
    exports: entry.exports ?? [],
    ...(managed.startedAtMs !== undefined && { startedAtMs: managed.startedAtMs }),
    restarts: managed.restarts,
    ...(managed.lastExit && { lastExit: managed.lastExit }),
    ...(isCopy && { isCopy: true }),
    ...(managed.reason !== undefined && { reason: managed.reason }),
    nodes,
    wires: wiresOf(graph).map(({ from, to, options: { delivery } }) => ({
      id: wireId(from, to),
      from,
      to,
      ...(delivery && { delivery }),
    })),
  }
}
