import type { GraphEdge, GraphExport, WireEnd } from '../../../shared/index.ts'
import { isGraphComponent, outerEnd } from '../../compose/subgraph.ts'
import { isInitial, isRecord, wireId } from '../../graph-parts.ts'
import { didYouMean } from '../../suggest.ts'
import { freeName } from '../clipboard.ts'
import { GraphDraft, refused, wireName } from '../graph-draft.ts'
import { taggedInitials, taggedInitialsPath } from '../initial-commands.ts'
import { renamedProcess } from '../keep-state.ts'
import { extentOf, movedBy, pointOf } from './canvas-places.ts'
import { addListed, notesOf } from './listed-parts.ts'
import { namedEndsOf } from './named-ends.ts'
import type { SubgraphEdit } from './subgraph-edit.ts'

/** Which node gives way to what is inside it. */
export interface DissolveRequest {
  id: string
  /** The graph that the node is a use of. */
  inner: GraphExport
  /** Names a graph file that the inner graph names as this graph has to; needed where they lie in different folders. */
  nameFile?: (component: string) => string
  /** Nodes that keep their states go on under the names they have had; not wanted where the graph itself is inside others. */
  keepStates?: boolean
}

/**
 * Puts what is inside a node that is a graph in its place, under ids that are free: its wires, initial messages, groups and notes come along,
 * and what was wired to the node goes to the ports behind those it exposed. It runs as before, and the inner graph stays as it is.
 * @throws MillraceError `NODE_UNKNOWN`, `EDIT_INVALID`, `PORT_UNKNOWN`, `WIRE_DUPLICATE`.
 */
export function dissolveSubgraph(graph: GraphExport, request: DissolveRequest): SubgraphEdit {
  const { id, inner } = request
  const on = new GraphDraft(graph)
  on.node(id)
  const component = graph.processes?.[id]?.component ?? ''
  if (!isGraphComponent(component)) throw refused('EDIT_INVALID', `"${id}" is no subgraph: it is a use of ${component}`)
  const taken = new Set(Object.keys(graph.processes ?? {}).filter((node) => node !== id))
  const ids = freshNames(Object.keys(inner.processes ?? {}), taken)
  rewire(on, request, ids)
  redirectInitials(on, request, ids)
  regroup(on, request, ids)
  addNotes(on, request)
  addNodes(on, request, ids)
  refuseSecondWires(on.graph, new Set(ids.values()), id)
  const fresh = [...ids.values()]
  return { ids: fresh, command: { type: 'patch', changes: on.draft.changes, name: `dissolve subgraph ${id}` } }
}

type Names = ReadonlyMap<string, string>

function freshNames(wanted: readonly string[], taken: Set<string>): Names {
  const names = new Map<string, string>()
  for (const name of wanted) {
    const fresh = freeName(name, taken)
    taken.add(fresh)
    names.set(name, fresh)
  }
  return names
}

/** Which port of which node, by its new name, is behind an exposed one. */
function endBehind({ id, inner }: DissolveRequest, side: 'inports' | 'outports', port: string, ids: Names): WireEnd {
  const exposed = inner[side] ?? {}
  const edge = Object.hasOwn(exposed, port) ? exposed[port] : undefined
  if (edge === undefined) {
    const known = Object.keys(exposed)
    const advice = didYouMean(port, known) || `; it exposes ${known.join(', ') || 'none'}`
    throw refused('PORT_UNKNOWN', `the graph of "${id}" exposes no ${side.slice(0, -1)} "${port}"${advice}`)
  }
  const end = outerEnd(edge)
  const node = ids.get(end.node)
  if (node !== undefined) return { node, port: end.port }
  throw refused('NODE_UNKNOWN', `the graph of "${id}" exposes "${port}" of a node "${end.node}" that it does not have`)
}

/** Lets what went to the node go to what is behind its ports, in its place among the wires; those from inside come after, as when both run. */
function rewire(on: GraphDraft, request: DissolveRequest, ids: Names): void {
  const { graph } = on
  const { id, inner } = request
  const behind = (edge: GraphEdge, side: 'inports' | 'outports') => {
    if (edge.nodeId !== id) return edge
    const { node, port } = endBehind(request, side, edge.portId, ids)
    return { ...edge, nodeId: node, portId: port }
  }
  const around = (graph.connections ?? []).map((connection) => {
    // In an initial message the end that it comes from says nothing.
    const from = isInitial(connection) ? connection.from : behind(connection.from, 'outports')
    const to = behind(connection.to, 'inports')
    return from === connection.from && to === connection.to ? connection : { ...connection, from, to }
  })
  const renamed = (edge: GraphEdge): GraphEdge => ({ ...edge, nodeId: ids.get(edge.nodeId) ?? edge.nodeId })
  const inside = (inner.connections ?? []).map(({ from, to, ...rest }) => ({
    from: renamed(from),
    to: renamed(to),
    ...rest,
  }))
  if (graph.connections || inside.length > 0) on.draft.set(['connections'], [...around, ...inside])
  for (const { side, end, nodeAt, portAt } of namedEndsOf(graph)) {
    if (end.node !== id) continue
    const { node, port } = endBehind(request, side, end.port, ids)
    on.draft.set(nodeAt, node)
    on.draft.set(portAt, port)
  }
}

/** The same for initial messages that a connection cannot hold. */
function redirectInitials(on: GraphDraft, request: DissolveRequest, ids: Names): void {
  const { id, inner } = request
  for (const [index, entry] of taggedInitials(on.graph).entries()) {
    if (!isRecord(entry) || entry['node'] !== id) continue
    const { node, port } = endBehind(request, 'inports', String(entry['port']), ids)
    on.draft.set([...taggedInitialsPath, index], { ...entry, node, port })
  }
  const inside = taggedInitials(inner).map((entry) =>
    isRecord(entry) ? { ...entry, node: ids.get(String(entry['node'])) ?? entry['node'] } : entry,
  )
  addListed(on, 'initials', inside)
}

/** A group that had the node has those in its place; groups from inside come after, under names that are free. */
function regroup(on: GraphDraft, { id, inner }: DissolveRequest, ids: Names): void {
  const around = (on.graph.groups ?? []).map((group) =>
    group.nodes.includes(id)
      ? { ...group, nodes: group.nodes.flatMap((node) => (node === id ? [...ids.values()] : [node])) }
      : group,
  )
  const names = freshNames(
    (inner.groups ?? []).map((group) => group.id),
    new Set(around.map((group) => group.id)),
  )
  const inside = (inner.groups ?? []).map((group) => ({
    ...group,
    id: names.get(group.id) ?? group.id,
    nodes: group.nodes.map((node) => ids.get(node) ?? node),
  }))
  if (around.length + inside.length > 0) on.draft.set(['groups'], [...around, ...inside])
}

/** Notes from inside, moved with the nodes, under names that are free. */
function addNotes(on: GraphDraft, request: DissolveRequest): void {
  const notes = notesOf(request.inner)
  const names = freshNames(
    notes.map((note) => String(note['id'])),
    new Set(notesOf(on.graph).map((note) => String(note['id']))),
  )
  const by = shiftOf(on.graph, request)
  const inside = notes.map((note) => ({ ...movedBy(note, by), id: names.get(String(note['id'])) ?? note['id'] }))
  addListed(on, 'notes', inside)
}

/** Puts the nodes where the one stood: among the others, and on the canvas around its place. */
function addNodes(on: GraphDraft, request: DissolveRequest, ids: Names): void {
  const { id, inner, nameFile = (component) => component, keepStates = false } = request
  const by = shiftOf(on.graph, request)
  const inside = Object.entries(inner.processes ?? {}).map(([old, process]) => {
    const fresh = ids.get(old) ?? old
    const { metadata } = keepStates ? renamedProcess(process, `${id}/${old}`, fresh) : process
    const component = isGraphComponent(process.component) ? nameFile(process.component) : process.component
    const placed = isRecord(metadata) && { metadata: movedBy(metadata, by) }
    return [fresh, { ...process, id: fresh, component, ...placed }] as const
  })
  const all = Object.entries(on.graph.processes ?? {})
  const processes = all.flatMap(([node, process]) => (node === id ? inside : [[node, process] as const]))
  on.draft.set(['processes'], Object.fromEntries(processes))
}

/** How far what is inside moves, so that its middle comes to where the node stood. */
function shiftOf(graph: GraphExport, { id, inner }: DissolveRequest): { x: number; y: number } {
  const place = pointOf(graph.processes?.[id]?.metadata?.['position'])
  const inside = Object.values(inner.processes ?? {}).flatMap(({ metadata }) => pointOf(metadata?.['position']) ?? [])
  const extent = extentOf(inside)
  if (place === undefined || extent === undefined) return { x: 0, y: 0 }
  // Rounded down, as the middle of what became a subgraph was rounded up: made and dissolved, everything is where it was.
  return { x: Math.floor(place.x - extent.middle.x), y: Math.floor(place.y - extent.middle.y) }
}

/** Where a port is exposed twice, two wires to the node can come to be the same one. */
function refuseSecondWires({ connections = [] }: GraphExport, fresh: ReadonlySet<string>, id: string): void {
  const seen = new Set<string>()
  for (const connection of connections) {
    if (isInitial(connection)) continue
    const from = { node: connection.from.nodeId, port: connection.from.portId }
    const to = { node: connection.to.nodeId, port: connection.to.portId }
    const name = wireId(from, to)
    if (seen.has(name) && (fresh.has(from.node) || fresh.has(to.node)))
      throw refused(
        'WIRE_DUPLICATE',
        `with "${id}" dissolved there would be two wires ${wireName(from, to)}: its graph exposes that port twice; take one of the wires away first`,
      )
    seen.add(name)
  }
}
