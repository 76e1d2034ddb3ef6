import type { GraphExport, WireEnd } from '../../../shared/index.ts'
import { outerEnd } from '../../compose/subgraph.ts'
import { isRecord } from '../../graph-parts.ts'
import type { JsonPath } from '../../json-text.ts'

/** A port of a node that a graph names beside its wires, and where the names stand. */
export interface NamedEnd {
  side: 'inports' | 'outports'
  end: WireEnd
  nodeAt: JsonPath
  portAt: JsonPath
}

/** Lists the ports that a graph exposes, offers to other graphs, requires of them, or wires to them. */
export function namedEndsOf(graph: GraphExport): NamedEnd[] {
  const exposed = (['inports', 'outports'] as const).flatMap((side) =>
    Object.entries(graph[side] ?? {}).map(([name, edge]): NamedEnd => {
      const port = edge.portName === '' ? 'portId' : 'portName'
      return { side, end: outerEnd(edge), nodeAt: [side, name, 'nodeId'], portAt: [side, name, port] }
    }),
  )
  return [
    ...exposed,
    ...listed(graph, 'providedInterfaces', 'outports', ['processName', 'portName']),
    ...listed(graph, 'requiredInterfaces', 'inports', ['processName', 'portName']),
    ...listed(graph, 'externalConnections', 'outports', ['fromProcess', 'fromPort']),
  ]
}

function listed(
  graph: GraphExport,
  field: string,
  side: NamedEnd['side'],
  [node, port]: readonly [node: string, port: string],
): NamedEnd[] {
  const entries: [string | number, unknown][] = Array.isArray(graph[field])
    ? [...graph[field].entries()]
    : Object.entries(isRecord(graph[field]) ? graph[field] : {})
  return entries.flatMap(([key, entry]) => {
    if (!isRecord(entry) || typeof entry[node] !== 'string' || typeof entry[port] !== 'string') return []
    const end = { node: entry[node], port: entry[port] }
    return [{ side, end, nodeAt: [field, key, node], portAt: [field, key, port] }]
  })
}
