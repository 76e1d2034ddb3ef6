import { MillraceError, type GraphConnection, type GraphEdge, type GraphExport } from '../../shared/index.ts'
import { isRecord, millraceOf } from '../graph-parts.ts'
import { didYouMean } from '../suggest.ts'
import { isGraphComponent, outerEnd } from './subgraph.ts'

/** A graph and what tells it from others, such as its real path. */
export interface GraphSource {
  key: string
  /** How a person knows it; its key when absent. */
  name?: string
  graph: GraphExport
}

/** Finds the graph that a component names, as seen from the graph that uses it. Throws when it cannot be had. */
export type ResolveGraph = (component: string, user: GraphSource) => GraphSource

/** Graphs in graphs can multiply: beyond this many nodes it is a slip, or a trap. */
const mostNodes = 100_000

type Processes = NonNullable<GraphExport['processes']>
type Group = NonNullable<GraphExport['groups']>[number]

interface Parts {
  processes: Processes
  size: number
  connections: GraphConnection[]
  groups: Group[]
  initials: unknown[]
  inports: Record<string, GraphEdge>
  outports: Record<string, GraphEdge>
}

/**
 * Puts what is inside in the place of every node that is a graph, at any depth: nodes become `parent/child`, wires and initial
 * messages of exposed ports go to the inner ports, and each graph becomes a group. A graph without such nodes is answered as it is.
 * @throws MillraceError `SUBGRAPH_CYCLE`, `PORT_UNKNOWN`, `NODE_UNKNOWN`, `NODE_DUPLICATE`, `FILE_INVALID`, and what `resolve` throws.
 */
export function flattenGraph(source: GraphSource, resolve: ResolveGraph): GraphExport {
  const { graph } = source
  const isFlat = !Object.values(graph.processes ?? {}).some(({ component }) => isGraphComponent(component))
  if (isFlat) return graph
  const known = new Map<string, Parts>()
  const { processes, connections, groups, initials, inports, outports } = expand(source, [], resolve, known)
  const millrace = { ...millraceOf(graph.properties), ...(initials.length > 0 && { initials }) }
  const properties = initials.length > 0 ? { ...graph.properties, millrace } : graph.properties
  const outer = {
    ...(graph.inports && { inports }),
    ...(graph.outports && { outports }),
    ...(groups.length > 0 && { groups }),
  }
  return { ...graph, properties, processes, connections, ...outer }
}

function expand(source: GraphSource, above: string[], resolve: ResolveGraph, known: Map<string, Parts>): Parts {
  const done = known.get(source.key)
  if (done) return done
  if (above.includes(source.key))
    throw new MillraceError(
      'SUBGRAPH_CYCLE',
      `a graph cannot contain itself: ${source.name ?? source.key} is inside itself${above.length > 1 ? `, ${above.length - above.indexOf(source.key)} deep` : ''}`,
    )
  const { graph } = source
  const parts: Parts = {
    processes: {},
    size: 0,
    connections: [],
    groups: copyOf(graph.groups ?? []),
    initials: [],
    inports: {},
    outports: {},
  }
  const inner = new Map<string, Parts>()
  for (const [id, node] of Object.entries(graph.processes ?? {})) {
    if (!isGraphComponent(node.component)) {
      addNode(parts, id, { ...node, id })
      continue
    }
    const child = expand(resolve(node.component, source), [...above, source.key], resolve, known)
    inner.set(id, child)
    addChild(parts, id, node.metadata?.['position'], child)
  }
  const place = (edge: GraphEdge, side: 'inports' | 'outports') => innerEdge(edge, side, inner)
  const own = (graph.connections ?? []).map((connection) => ({
    ...connection,
    from: place(connection.from, 'outports'),
    to: place(connection.to, 'inports'),
  }))
  // The graph's own come first: what is inside has always been wired when they are read.
  parts.connections = [...own, ...parts.connections]
  parts.initials = [...ownInitials(graph, place), ...parts.initials]
  for (const side of ['inports', 'outports'] as const)
    for (const [name, edge] of Object.entries(graph[side] ?? {}))
      parts[side][name] = { ...place({ ...edge, portId: outerEnd(edge).port }, side), portName: '' }
  for (const group of parts.groups)
    group.nodes = group.nodes.flatMap((id) => {
      const child = inner.get(id)
      return child ? Object.keys(child.processes).map((name) => `${id}/${name}`) : [id]
    })
  known.set(source.key, parts)
  return parts
}

/** Takes the parts of an inner graph in under the id of the node that stood for it. */
function addChild(parts: Parts, parent: string, position: unknown, child: Parts): void {
  const within = (id: string) => `${parent}/${id}`
  for (const [id, node] of Object.entries(child.processes))
    addNode(parts, within(id), {
      ...node,
      id: within(id),
      ...(node.metadata && { metadata: moved(node.metadata, position) }),
    })
  const inside = (edge: GraphEdge): GraphEdge => (edge.nodeId === '' ? edge : { ...edge, nodeId: within(edge.nodeId) })
  for (const connection of child.connections)
    parts.connections.push({ ...connection, from: inside(connection.from), to: inside(connection.to) })
  for (const initial of child.initials)
    parts.initials.push(isRecord(initial) ? { ...initial, node: within(String(initial['node'])) } : initial)
  parts.groups.push({ id: parent, nodes: Object.keys(child.processes).map(within) })
  for (const group of child.groups)
    parts.groups.push({ ...group, id: within(group.id), nodes: group.nodes.map(within) })
}

function addNode(parts: Parts, id: string, node: Processes[string]): void {
  if (Object.hasOwn(parts.processes, id))
    throw new MillraceError(
      'NODE_DUPLICATE',
      `there are two nodes "${id}" once the graphs inside are laid open; rename one`,
    )
  if (++parts.size > mostNodes)
    throw new MillraceError('FILE_INVALID', `with the graphs inside it has more than ${mostNodes} nodes`)
  parts.processes[id] = node
}

/** What a wire's end is once the graph it goes to is laid open. */
function innerEdge(edge: GraphEdge, side: 'inports' | 'outports', inner: ReadonlyMap<string, Parts>): GraphEdge {
  const child = inner.get(edge.nodeId)
  if (!child) return edge
  const exposed = child[side][edge.portId]
  if (!exposed || !Object.hasOwn(child[side], edge.portId)) {
    const names = Object.keys(child[side])
    const advice = didYouMean(edge.portId, names) || `; it exposes ${names.join(', ') || 'none'}`
    throw new MillraceError(
      'PORT_UNKNOWN',
      `the graph "${edge.nodeId}" exposes no ${side.slice(0, -1)} "${edge.portId}"${advice}`,
    )
  }
  return { ...edge, nodeId: `${edge.nodeId}/${exposed.nodeId}`, portId: exposed.portId }
}

function ownInitials(graph: GraphExport, place: (edge: GraphEdge, side: 'inports') => GraphEdge): unknown[] {
  const listed = millraceOf(graph.properties)['initials']
  return (Array.isArray(listed) ? listed : []).map((initial: unknown) => {
    if (!isRecord(initial)) return initial
    const { nodeId, portId } = place(edgeOf(String(initial['node']), String(initial['port'])), 'inports')
    return { ...initial, node: nodeId, port: portId }
  })
}

function edgeOf(nodeId: string, portId: string): GraphEdge {
  return { nodeId, portId, portName: '', expose: false, portType: { type: 'any' } }
}

/** Inner nodes keep their places to each other, from where their graph's node stands. */
function moved(metadata: Record<string, unknown>, by: unknown): Record<string, unknown> {
  const own = metadata['position']
  if (!isPoint(own) || !isPoint(by)) return metadata
  return { ...metadata, position: { ...own, x: own.x + by.x, y: own.y + by.y } }
}

function isPoint(value: unknown): value is { x: number; y: number } {
  return isRecord(value) && typeof value['x'] === 'number' && typeof value['y'] === 'number'
}

function copyOf(groups: readonly Group[]): Group[] {
  return groups.map((group) => ({ ...group, nodes: [...group.nodes] }))
}
