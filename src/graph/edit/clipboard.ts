import {
  isMillraceError,
  messageTags,
  MillraceError,
  type GraphCommand,
  type GraphConnection,
  type GraphExport,
} from '../../shared/index.ts'
import { parseGraph } from '../graph-file.ts'
import { isInitial, isRecord, kindOf, millraceOf, nodesOf } from '../graph-parts.ts'
import { formatFile } from '../write/format-json.ts'
import { refused } from './graph-draft.ts'
import { taggedInitials } from './initial-commands.ts'

/**
 * Copies nodes as JSON text: a graph of its own, with the wires among them, their initial messages and the groups that lie wholly
 * within. It can be pasted here, in another window, or into a file. Throws `NODE_UNKNOWN`.
 */
export function copyNodes(graph: GraphExport, ids: readonly string[]): string {
  const chosen = new Set(ids)
  for (const id of chosen)
    if (!Object.hasOwn(graph.processes ?? {}, id)) throw refused('NODE_UNKNOWN', `there is no node "${id}"`)
  const processes = Object.entries(graph.processes ?? {}).filter(([id]) => chosen.has(id))
  const isWithin = (connection: GraphConnection) =>
    chosen.has(connection.to.nodeId) && (isInitial(connection) || chosen.has(connection.from.nodeId))
  const groups = (graph.groups ?? []).filter(({ nodes }) => nodes.length > 0 && nodes.every((id) => chosen.has(id)))
  const initials = taggedInitials(graph).filter((entry) => isRecord(entry) && chosen.has(String(entry['node'])))
  return formatFile({
    caseSensitive: graph.caseSensitive,
    properties: { name: 'clipboard', ...(initials.length > 0 && { millrace: { initials } }) },
    processes: Object.fromEntries(processes),
    connections: (graph.connections ?? []).filter(isWithin),
    ...(groups.length > 0 && { groups }),
  })
}

/** What a paste would do. */
export interface Paste {
  commands: GraphCommand[]
  /** The ids that the pasted nodes will have, to select them. */
  ids: string[]
}

/**
 * Makes commands that add copied nodes, or all nodes of any graph's text, under ids that are free, moved by `offset`.
 * Throws `EDIT_INVALID` when the text holds no graph.
 */
export function pasteNodes(
  graph: GraphExport,
  text: string,
  { offset = { x: 40, y: 40 } }: { offset?: { x: number; y: number } } = {},
): Paste {
  const copied = readClipboard(text)
  const ids = freshIds(graph, Object.keys(copied.processes ?? {}))
  const idOf = (old: string) => ids.get(old) ?? old
  const nodes = nodesOf(copied).map(({ id, component, metadata, position }): GraphCommand => {
    const { id: _id, component: _component, metadata: _metadata, ...rest } = copied.processes?.[id] ?? {}
    const moved = position && { position: { x: position.x + offset.x, y: position.y + offset.y } }
    const all = { ...metadata, ...moved }
    return {
      type: 'addNode',
      id: idOf(id),
      component,
      ...(Object.keys(all).length > 0 && { metadata: all }),
      ...(Object.keys(rest).length > 0 && { rest }),
    }
  })
  const joins = (copied.connections ?? []).flatMap((connection) => joinOf(connection, idOf, ids))
  const messages = taggedInitials(copied).flatMap((entry) => messageOf(entry, ids))
  const taken = new Set((graph.groups ?? []).map(({ id }) => id))
  const groups = (copied.groups ?? []).map(({ id, nodes: members, metadata }): GraphCommand => {
    const fresh = freeName(id, taken)
    taken.add(fresh)
    const kept = members.flatMap((member) => ids.get(member) ?? [])
    return { type: 'addGroup', id: fresh, nodes: kept, ...(metadata && { metadata }) }
  })
  return { commands: [...nodes, ...joins, ...messages, ...groups], ids: [...ids.values()] }
}

/** Makes commands that add copies of nodes beside them; wires between them are copied too. Throws `NODE_UNKNOWN`. */
export function duplicateNodes(
  graph: GraphExport,
  ids: readonly string[],
  options: { offset?: { x: number; y: number } } = {},
): Paste {
  return pasteNodes(graph, copyNodes(graph, ids), options)
}

/** A name that is not taken: the name itself, else with the next number behind it (`logger`, `logger_2`, `logger_3`). */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name
  const stem = name.replace(/_\d+$/, '')
  let number = 2
  while (taken.has(`${stem}_${number}`)) number++
  return `${stem}_${number}`
}

function readClipboard(text: string): GraphExport {
  try {
    const graph = parseGraph(text, 'clipboard')
    if (Object.keys(graph.processes ?? {}).length > 0) return graph
  } catch (error) {
    if (!isMillraceError(error)) throw error
    throw new MillraceError('EDIT_INVALID', `the clipboard holds no nodes: ${error.message}`, { cause: error })
  }
  throw new MillraceError('EDIT_INVALID', 'the clipboard holds a graph without nodes')
}

function freshIds(graph: GraphExport, wanted: readonly string[]): Map<string, string> {
  const taken = new Set(Object.keys(graph.processes ?? {}))
  const ids = new Map<string, string>()
  for (const id of wanted) {
    const fresh = freeName(id, taken)
    taken.add(fresh)
    ids.set(id, fresh)
  }
  return ids
}

function joinOf(
  connection: GraphConnection,
  idOf: (old: string) => string,
  ids: ReadonlyMap<string, string>,
): GraphCommand[] {
  if (!ids.has(connection.to.nodeId)) return []
  const to = { node: idOf(connection.to.nodeId), port: connection.to.portId }
  const metadata = connection.metadata ?? undefined
  if (!isInitial(connection)) {
    if (!ids.has(connection.from.nodeId)) return []
    const from = { node: idOf(connection.from.nodeId), port: connection.from.portId }
    return [{ type: 'connect', from, to, ...(metadata && { metadata }) }]
  }
  const kind = kindOf(millraceOf(metadata)['kind'])
  const message = { ...(kind && { type: messageTags[kind] }), data: connection.data }
  return [{ type: 'addInitial', to, message, ...(metadata && { metadata }) }]
}

function messageOf(entry: unknown, ids: ReadonlyMap<string, string>): GraphCommand[] {
  if (!isRecord(entry) || !isRecord(entry['message'])) return []
  const node = ids.get(String(entry['node']))
  const { type, data } = entry['message']
  if (node === undefined || typeof type !== 'string') return []
  return [
    {
      type: 'addInitial',
      to: { node, port: String(entry['port']) },
      message: { type, ...(data !== undefined && { data }) },
    },
  ]
}
