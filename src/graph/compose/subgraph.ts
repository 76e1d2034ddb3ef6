import type { ActorDescription, GraphEdge, GraphExport, GraphPortType, WireEnd } from '../../shared/index.ts'
import { nodesOf } from '../graph-parts.ts'

/** Whether the component of a node is a graph file, used as if it were an actor. */
export function isGraphComponent(component: string): boolean {
  return component.endsWith('.graph.json')
}

/** Lists the graph files that the nodes of a graph name, each once, as they are written. */
export function graphComponentsOf(graph: GraphExport): string[] {
  return [...new Set(nodesOf(graph).map(({ component }) => component))].filter(isGraphComponent)
}

/**
 * Which port of which inner node an exposed port of a graph is. Reflow writes the node's port into `portName` and the exposed
 * name into `portId`; where only `portId` is filled, that is the node's port.
 */
export function outerEnd({ nodeId, portId, portName }: GraphEdge): WireEnd {
  return { node: nodeId, port: portName === '' ? portId : portName }
}

/**
 * Describes a graph as an actor: its exposed ports, with the kind that the file gives them, else that of the inner port.
 * `component` is how the node that uses it names it; inner components that the catalogue lacks leave their ports' kinds open.
 */
export function describeGraph(
  component: string,
  graph: GraphExport,
  catalogue: readonly ActorDescription[],
): ActorDescription {
  const actors = new Map(catalogue.map((actor) => [actor.name, actor]))
  const description = graph.properties['description']
  const ports = (side: 'inports' | 'outports') =>
    Object.fromEntries(
      Object.entries(graph[side] ?? {}).map(([name, edge]) => {
        const { node, port } = outerEnd(edge)
        const inner = actors.get(graph.processes?.[node]?.component ?? '')?.[side][port]?.kind
        return [name, { kind: kindOfType(edge.portType) ?? inner ?? 'any' }]
      }),
    )
  return {
    name: component,
    description: typeof description === 'string' ? description : '',
    inports: ports('inports'),
    outports: ports('outports'),
    config: {},
    selfStarting: nodesOf(graph).some(({ component: inner }) => {
      const actor = actors.get(inner)
      return !actor || actor.selfStarting === true || Object.keys(actor.inports).length === 0
    }),
  }
}

function kindOfType({ type }: GraphPortType): string | undefined {
  if (type === 'any') return undefined
  return type === 'option' ? 'optional' : type
}
