import type { GraphConnection, GraphEdge, GraphExport } from '../../shared/index.ts'
import { isInitial, isRecord, millraceOf } from '../graph-parts.ts'
import { taggedInitials, taggedInitialsPath } from '../edit/initial-commands.ts'
import type { JsonPath } from '../json-text.ts'

/** What a graph is made of, for comparing. */
export type ItemKind =
  'node' | 'wire' | 'initial message' | 'inport' | 'outport' | 'group' | 'note' | 'property' | 'field'

/** One thing of a graph that keeps its name while it changes. */
export interface GraphItem {
  kind: ItemKind
  /** A node's id, `a.Out -> b.In`, a property's key … */
  name: string
  /** Where it stands in its graph. */
  path: JsonPath
  /** What it says, without what says nothing: nulls, empty objects, the defaults of an edge. */
  meaning: unknown
  /** The nodes it needs to make sense. */
  needs: readonly string[]
}

/** Takes a graph apart into named items, in the order of the file. */
export function itemsOf(graph: GraphExport): Map<string, GraphItem> {
  const items = new Map<string, GraphItem>()
  const add = (kind: ItemKind, name: string, path: JsonPath, meaning: unknown, needs: readonly string[] = []) => {
    // What stands twice, such as a second initial message of a port, is told apart by its number.
    let key = `${kind} ${name}`
    for (let number = 2; items.has(key); number++) key = `${kind} ${name} #${number}`
    items.set(key, { kind, name: key.slice(kind.length + 1), path, meaning, needs })
  }
  for (const [id, process] of Object.entries(graph.processes ?? {}))
    add('node', id, ['processes', id], withoutEmpty({ ...process, id: undefined }))
  let initials = 0
  for (const [index, connection] of (graph.connections ?? []).entries()) {
    // Reflow numbers initial messages in their order, which says nothing more.
    const isNumbered = isInitial(connection) && connection.to.index === initials
    if (isInitial(connection)) initials += 1
    const { index: _number, ...to } = connection.to
    addConnection(isNumbered ? { ...connection, to } : connection, ['connections', index], add)
  }
  for (const [index, entry] of taggedInitials(graph).entries()) {
    const { node, port, ...rest } = isRecord(entry) ? entry : {}
    add('initial message', `${String(node)}.${String(port)}`, [...taggedInitialsPath, index], rest, [String(node)])
  }
  for (const side of ['inports', 'outports'] as const)
    for (const [name, edge] of Object.entries(graph[side] ?? {}))
      add(side === 'inports' ? 'inport' : 'outport', name, [side, name], withoutEmpty({ ...edge }), [edge.nodeId])
  for (const [index, group] of (graph.groups ?? []).entries()) {
    const meaning = withoutEmpty({ ...group, id: undefined, nodes: [...new Set(group.nodes)].sort() })
    add('group', group.id, ['groups', index], meaning)
  }
  addProperties(graph, add)
  for (const [key, value] of Object.entries(graph)) {
    const isKnown = knownFields.has(key) || value === undefined || value === null
    if (!isKnown) add('field', key, [key], value)
  }
  return items
}

type Add = (kind: ItemKind, name: string, path: JsonPath, meaning: unknown, needs?: readonly string[]) => void

const knownFields = new Set(['processes', 'connections', 'inports', 'outports', 'groups', 'properties'])
/** Lists under `properties.millrace` whose entries are items of their own. */
const ownLists = new Set(['initials', 'notes'])

function addConnection(connection: GraphConnection, path: JsonPath, add: Add): void {
  const { from, to, metadata, data, ...rest } = connection
  const meaning = withoutEmpty({ ...rest, from: detailOf(from), to: detailOf(to), metadata, data })
  const target = `${to.nodeId}.${to.portId}`
  if (isInitial(connection)) add('initial message', target, path, meaning, [to.nodeId])
  else add('wire', `${from.nodeId}.${from.portId} -> ${target}`, path, meaning, [from.nodeId, to.nodeId])
}

function addProperties(graph: GraphExport, add: Add): void {
  for (const [key, value] of Object.entries(graph.properties))
    if (key !== 'millrace' || !isRecord(value)) add('property', key, ['properties', key], value)
  for (const [key, value] of Object.entries(millraceOf(graph.properties)))
    if (!ownLists.has(key) || !Array.isArray(value))
      add('property', `millrace.${key}`, ['properties', 'millrace', key], value)
  const notes = millraceOf(graph.properties)['notes']
  for (const [index, note] of (Array.isArray(notes) ? notes : []).entries()) {
    const { id, ...rest } = isRecord(note) ? note : { id: index }
    add('note', String(id), ['properties', 'millrace', 'notes', index], rest)
  }
}

/** What an edge says beyond its node and port. */
function detailOf({ nodeId: _node, portId: _port, portName, expose, portType, ...rest }: GraphEdge): unknown {
  return withoutEmpty({
    ...rest,
    ...(portName !== '' && { portName }),
    ...(expose && { expose }),
    ...(portType.type !== 'any' && { portType }),
  })
}

/** Leaves out what says nothing: fields without a value, null, and objects in which nothing stands. */
function withoutEmpty(value: Record<string, unknown>): Record<string, unknown> | undefined {
  const kept = Object.entries(value).flatMap(([key, field]): [string, unknown][] => {
    if (field === undefined || field === null) return []
    const said = isRecord(field) && (key === 'metadata' || key === 'millrace') ? withoutEmpty(field) : field
    return said === undefined ? [] : [[key, said]]
  })
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}
