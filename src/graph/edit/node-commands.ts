import type { GraphCommand } from '../../shared/index.ts'
import { isRecord, reservedKeys } from '../graph-parts.ts'
import { refuseName, refused, type GraphDraft } from './graph-draft.ts'
import { taggedInitials, taggedInitialsPath } from './initial-commands.ts'
import { renamedProcess } from './keep-state.ts'
import { jsonRecord } from './json-value.ts'

type Of<Type extends GraphCommand['type']> = Extract<GraphCommand, { type: Type }>

/** Adds a node. */
export function addNode(on: GraphDraft, { id, component, metadata, rest }: Of<'addNode'>): void {
  refuseName(id, 'a node')
  refuseName(component, `the actor of node "${id}"`)
  if (on.draft.has(['processes', id])) throw refused('NODE_DUPLICATE', `there is already a node "${id}"`)
  on.draft.ensureRecord(['processes'])
  on.draft.set(['processes', id], {
    ...jsonRecord(rest ?? {}, `node "${id}"`),
    id,
    component,
    ...on.metadata(metadata, `node "${id}"`),
  })
}

/** Removes a node and everything that names it. */
export function removeNode(on: GraphDraft, { id }: Of<'removeNode'>): void {
  const node = on.node(id)
  const { draft } = on
  for (let index = on.connections.length - 1; index >= 0; index--) {
    const connection = on.connections[index]
    if (connection?.from.nodeId === id || connection?.to.nodeId === id) draft.remove(['connections', index])
  }
  removeItems(on, taggedInitialsPath, (entry) => isRecord(entry) && entry['node'] === id)
  for (const side of ['inports', 'outports'] as const)
    for (const [name, { nodeId }] of Object.entries(on.graph[side] ?? {})) if (nodeId === id) draft.remove([side, name])
  for (const [index] of (on.graph.groups ?? []).entries())
    removeItems(on, ['groups', index, 'nodes'], (member) => member === id)
  draft.remove(node)
}

/** Renames a node; whatever names it follows. */
export function renameNode(on: GraphDraft, { id, to }: Of<'renameNode'>): void {
  const old = on.node(id)
  if (to === id) return
  refuseName(to, 'a node')
  const { draft } = on
  if (draft.has(['processes', to])) throw refused('NODE_DUPLICATE', `there is already a node "${to}"`)
  draft.rename(old, to, renamedProcess(draft.get(old), id, to))
  for (const [index, connection] of on.connections.entries())
    for (const side of ['from', 'to'] as const)
      if (connection[side].nodeId === id) draft.set(['connections', index, side, 'nodeId'], to)
  for (const [index, entry] of taggedInitials(on.graph).entries())
    if (isRecord(entry) && entry['node'] === id) draft.set([...taggedInitialsPath, index, 'node'], to)
  for (const side of ['inports', 'outports'] as const)
    for (const [name, { nodeId }] of Object.entries(on.graph[side] ?? {}))
      if (nodeId === id) draft.set([side, name, 'nodeId'], to)
  for (const [index, group] of (on.graph.groups ?? []).entries())
    for (const [place, member] of group.nodes.entries())
      if (member === id) draft.set(['groups', index, 'nodes', place], to)
}

/** Makes a node a use of another actor. */
export function setComponent(on: GraphDraft, { id, component }: Of<'setComponent'>): void {
  refuseName(component, `the actor of node "${id}"`)
  on.draft.set([...on.node(id), 'component'], component)
}

/** Gives a node another config; what is not its actor's stays. */
export function setConfig(on: GraphDraft, { id, config }: Of<'setConfig'>): void {
  const node = on.node(id)
  const what = `the config of node "${id}"`
  const misplaced = Object.keys(config).find((key) => reservedKeys.has(key))
  if (misplaced !== undefined)
    throw refused('EDIT_INVALID', `${what}: "${misplaced}" is not for the actor; set it as a field of the node`)
  const metadata = on.draft.get([...node, 'metadata'])
  for (const key of Object.keys(isRecord(metadata) ? metadata : {}))
    if (!reservedKeys.has(key) && config[key] === undefined) on.draft.remove([...node, 'metadata', key])
  for (const [key, value] of Object.entries(config))
    if (value !== undefined) on.setField([...node, 'metadata'], [key], value, what)
}

/** Removes the items of a list for which a test holds. */
function removeItems(on: GraphDraft, path: readonly (string | number)[], test: (item: unknown) => boolean): void {
  const list = on.draft.get(path)
  if (!Array.isArray(list)) return
  for (let index = list.length - 1; index >= 0; index--) if (test(list[index])) on.draft.remove([...path, index])
}
