import {
  fromTagged,
  inferKind,
  messageTags,
  type CommandMessage,
  type GraphCommand,
  type GraphEdge,
  type GraphExport,
  type MessageKind,
  type WireEnd,
} from '../../shared/index.ts'
import { isInitial, isRecord, millraceOf } from '../graph-parts.ts'
import type { JsonPath } from '../json-text.ts'
import { refuseName, refused, type GraphDraft } from './graph-draft.ts'
import { jsonValue } from './json-value.ts'
import { edgeOf } from './wire-commands.ts'

type Of<Type extends GraphCommand['type']> = Extract<GraphCommand, { type: Type }>

/** Where initial messages lie that a connection cannot hold. */
export const taggedInitialsPath: JsonPath = ['properties', 'millrace', 'initials']

/** Those messages, unread. */
export function taggedInitials(graph: GraphExport): readonly unknown[] {
  const listed = millraceOf(graph.properties)['initials']
  return Array.isArray(listed) ? listed : []
}

/** Adds an initial message, as the last one that its port gets. */
export function addInitial(on: GraphDraft, { to, message, metadata }: Of<'addInitial'>): void {
  on.node(to.node)
  refuseName(to.port, `a port of node "${to.node}"`)
  // A port gets what lies in connections first, so what comes after a message that cannot lie there must not either.
  const isAfter = taggedInitials(on.graph).some((entry) => isFor(entry, to))
  const written = writeMessage(message, to, { tagged: isAfter })
  if (written.type === 'connection') {
    on.draft.ensureList(['connections'])
    const path = ['connections', on.connections.length]
    const what = `the initial message of ${to.node}.${to.port}`
    on.draft.add(path, { ...written.value, ...on.metadata(metadata, what) })
    on.mergeOptions(path, { kind: written.kind ?? null }, what)
  } else {
    on.draft.ensureList(taggedInitialsPath)
    on.draft.add([...taggedInitialsPath, taggedInitials(on.graph).length], written.value)
  }
}

/** Removes an initial message of a port. */
export function removeInitial(on: GraphDraft, { to, index }: Of<'removeInitial'>): void {
  on.draft.remove(placeOf(on, to, index))
  if (taggedInitials(on.graph).length > 0) return
  on.draft.remove(taggedInitialsPath)
  if (Object.keys(millraceOf(on.graph.properties)).length === 0) on.draft.remove(['properties', 'millrace'])
}

/** Puts another message in the place of an initial one. */
export function setInitial(on: GraphDraft, { to, index, message }: Of<'setInitial'>): void {
  const place = placeOf(on, to, index)
  const written = writeMessage(message, to)
  const isConnection = place[0] === 'connections'
  if (isConnection !== (written.type === 'connection')) {
    removeInitial(on, { type: 'removeInitial', to, index })
    return addInitial(on, { type: 'addInitial', to, message })
  }
  if (written.type === 'tagged') return on.draft.set([...place, 'message'], written.value.message)
  on.draft.set([...place, 'data'], written.value.data)
  on.mergeOptions(place, { kind: written.kind ?? null }, `the initial message of ${to.node}.${to.port}`)
}

function placeOf(on: GraphDraft, to: WireEnd, index: number): JsonPath {
  const plain = on.connections.flatMap((connection, at): JsonPath[] => {
    const isOurs = isInitial(connection) && connection.to.nodeId === to.node && connection.to.portId === to.port
    return isOurs ? [['connections', at]] : []
  })
  const tagged = taggedInitials(on.graph).flatMap((entry, at): JsonPath[] => {
    return isFor(entry, to) ? [[...taggedInitialsPath, at]] : []
  })
  const places = [...plain, ...tagged]
  const place = places[index]
  if (place) return place
  const count = places.length === 1 ? '1 initial message' : `${places.length} initial messages`
  throw refused('INITIAL_UNKNOWN', `${to.node}.${to.port} has ${count}, none with number ${index}`)
}

function isFor(entry: unknown, { node, port }: WireEnd): boolean {
  return isRecord(entry) && entry['node'] === node && entry['port'] === port
}

type Written =
  /** `kind` is present where the data alone would be taken for another. */
  | { type: 'connection'; value: { from: GraphEdge; to: GraphEdge; data: unknown }; kind: MessageKind | undefined }
  | { type: 'tagged'; value: { node: string; port: string; message: unknown } }

/** Reflow takes a connection for an initial message by its data, so nothing and null have to lie elsewhere. */
function writeMessage(message: CommandMessage, to: WireEnd, { tagged: mustBeTagged = false } = {}): Written {
  const what = `the initial message of ${to.node}.${to.port}`
  const data = message.data === undefined ? undefined : jsonValue(message.data, what)
  const kind = 'type' in message ? kindOfTag(message.type, what) : inferKind(data)
  // Reads it as a start would, so that what cannot be read is refused now.
  if ('type' in message) fromTagged({ type: message.type, data })
  if (data === undefined || data === null || mustBeTagged) {
    const tagged = { type: messageTags[kind], ...(data !== undefined && { data }) }
    return { type: 'tagged', value: { node: to.node, port: to.port, message: tagged } }
  }
  const from = edgeOf({ node: '', port: '' })
  const explicit = kind === inferKind(data) ? undefined : kind
  return { type: 'connection', value: { from, to: edgeOf(to), data }, kind: explicit }
}

function kindOfTag(tag: string, what: string): MessageKind {
  const found = (Object.entries(messageTags) as [MessageKind, string][]).find(([, known]) => known === tag)
  if (found) return found[0]
  throw refused('MESSAGE_INVALID', `${what}: unknown message type "${tag}"`)
}
