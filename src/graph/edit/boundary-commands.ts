import type { GraphCommand } from '../../shared/index.ts'
import { isRecord, millraceOf } from '../graph-parts.ts'
import type { JsonPath } from '../json-text.ts'
import { didYouMean } from '../suggest.ts'
import { refuseName, refused, type GraphDraft } from './graph-draft.ts'
import { jsonRecord, jsonValue } from './json-value.ts'
import { edgeOf } from './wire-commands.ts'

type Of<Type extends GraphCommand['type']> = Extract<GraphCommand, { type: Type }>

/** Puts nodes together under a name. */
export function addGroup(on: GraphDraft, { id, nodes, metadata }: Of<'addGroup'>): void {
  refuseName(id, 'a group')
  refuseSecondGroup(on, id)
  for (const node of nodes) on.node(node)
  if (!Array.isArray(on.graph.groups)) on.draft.set(['groups'], [])
  const group = { id, nodes: [...new Set(nodes)], ...on.metadata(metadata, `group "${id}"`) }
  on.draft.add(['groups', on.graph.groups?.length ?? 0], group)
}

/** Renames a group. */
export function renameGroup(on: GraphDraft, { id, to }: Of<'renameGroup'>): void {
  const group = on.group(id)
  if (to === id) return
  refuseName(to, 'a group')
  refuseSecondGroup(on, to)
  on.draft.set([...group, 'id'], to)
}

/** Adds nodes to a group; those in it stay where they are. */
export function addToGroup(on: GraphDraft, { id, nodes }: Of<'addToGroup'>): void {
  const group = on.group(id)
  for (const node of nodes) {
    on.node(node)
    const members = on.graph.groups?.[group[1]]?.nodes ?? []
    if (!members.includes(node)) on.draft.add([...group, 'nodes', members.length], node)
  }
}

/** Takes nodes out of a group. */
export function removeFromGroup(on: GraphDraft, { id, nodes }: Of<'removeFromGroup'>): void {
  const group = on.group(id)
  for (const node of nodes) {
    const place = on.graph.groups?.[group[1]]?.nodes.indexOf(node) ?? -1
    if (place !== -1) on.draft.remove([...group, 'nodes', place])
  }
}

/** Exposes a port of a node under a name of its own. */
export function addOuterPort(on: GraphDraft, { side, name, at, portType }: Of<'addOuterPort'>): void {
  on.node(at.node)
  refuseName(name, 'an outer port')
  refuseName(at.port, `a port of node "${at.node}"`)
  if (on.draft.has([side, name]))
    throw refused('OUTER_PORT_DUPLICATE', `the graph already exposes ${side.slice(0, -1)} "${name}"`)
  on.draft.ensureRecord([side])
  const edge = edgeOf(at)
  on.draft.set([side, name], portType ? { ...edge, portType: jsonRecord(portType, `the type of "${name}"`) } : edge)
}

/** Exposes a port no longer. */
export function removeOuterPort(on: GraphDraft, { side, name }: Of<'removeOuterPort'>): void {
  on.draft.remove(outerPort(on, side, name))
}

/** Gives an exposed port another name. */
export function renameOuterPort(on: GraphDraft, { side, name, to }: Of<'renameOuterPort'>): void {
  const path = outerPort(on, side, name)
  if (to === name) return
  refuseName(to, 'an outer port')
  if (on.draft.has([side, to]))
    throw refused('OUTER_PORT_DUPLICATE', `the graph already exposes ${side.slice(0, -1)} "${to}"`)
  const edge = on.draft.get(path)
  const at = Object.keys(on.graph[side] ?? {}).indexOf(name)
  on.draft.remove(path)
  on.draft.add([side, to], edge, at)
}

/** Writes a note on the canvas. */
export function addNote(on: GraphDraft, { note }: Of<'addNote'>): void {
  refuseName(note.id, 'a note')
  if (notesOf(on).some((other) => isRecord(other) && other['id'] === note.id))
    throw refused('NOTE_DUPLICATE', `there is already a note "${note.id}"`)
  on.draft.ensureList(notesPath)
  on.draft.add([...notesPath, notesOf(on).length], jsonRecord(note, `note "${note.id}"`))
}

/** Takes a note off the canvas. */
export function removeNote(on: GraphDraft, { id }: Of<'removeNote'>): void {
  on.draft.remove(notePath(on, id))
  if (notesOf(on).length > 0) return
  on.draft.remove(notesPath)
  if (Object.keys(millraceOf(on.graph.properties)).length === 0) on.draft.remove(['properties', 'millrace'])
}

/** Changes fields of a note. */
export function setNote(on: GraphDraft, { id, fields }: Of<'setNote'>): void {
  const path = notePath(on, id)
  for (const [key, value] of Object.entries(fields))
    if (value !== undefined) on.draft.set([...path, key], jsonValue(value, `note "${id}"`))
}

/** Sets or removes a field of the graph's properties. */
export function setProperty(on: GraphDraft, { path, value }: Of<'setProperty'>): void {
  const [first] = path
  if (first === 'name' && path.length === 1 && (typeof value !== 'string' || value === ''))
    throw refused('NAME_INVALID', 'a graph needs a name: Reflow ends without one')
  on.setField(['properties'], path, value, 'the properties')
}

const notesPath: JsonPath = ['properties', 'millrace', 'notes']

function notesOf(on: GraphDraft): readonly unknown[] {
  const notes = on.draft.get(notesPath)
  return Array.isArray(notes) ? notes : []
}

function notePath(on: GraphDraft, id: string): JsonPath {
  const index = notesOf(on).findIndex((note) => isRecord(note) && note['id'] === id)
  if (index !== -1) return [...notesPath, index]
  throw refused('NOTE_UNKNOWN', `there is no note "${id}"`)
}

function refuseSecondGroup(on: GraphDraft, id: string): void {
  if ((on.graph.groups ?? []).some((group) => group.id === id))
    throw refused('GROUP_DUPLICATE', `there is already a group "${id}"`)
}

function outerPort(on: GraphDraft, side: 'inports' | 'outports', name: string): JsonPath {
  if (on.draft.has([side, name])) return [side, name]
  const known = Object.keys(on.graph[side] ?? {})
  throw refused('OUTER_PORT_UNKNOWN', `the graph exposes no ${side.slice(0, -1)} "${name}"${didYouMean(name, known)}`)
}
