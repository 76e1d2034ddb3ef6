import { assertNever, type GraphChange, type GraphCommand, type GraphExport } from '../../shared/index.ts'
import { fitsGraphSchema } from '../graph-file.ts'
import {
  addGroup,
  addNote,
  addOuterPort,
  addToGroup,
  removeFromGroup,
  removeNote,
  removeOuterPort,
  renameGroup,
  renameOuterPort,
  setNote,
  setProperty,
} from './boundary-commands.ts'
import { Draft } from './draft.ts'
import { GraphDraft, refused, wireName } from './graph-draft.ts'
import { addInitial, removeInitial, setInitial } from './initial-commands.ts'
import { jsonValue } from './json-value.ts'
import { addNode, removeNode, renameNode, setComponent, setConfig } from './node-commands.ts'
import { connect, disconnect } from './wire-commands.ts'

/** What an edit made of a graph, and the way there and back. */
export interface EditedGraph {
  graph: GraphExport
  changes: GraphChange[]
  /** Applied in this order, they give back the graph as it was. */
  inverse: GraphChange[]
}

/**
 * Applies commands in order, all or none; the given graph stays as it was, and parts that are not touched are shared with it.
 * @throws MillraceError that says why an edit cannot be: `NODE_UNKNOWN`, `NODE_DUPLICATE`, `WIRE_DUPLICATE`, `NAME_INVALID`, `EDIT_INVALID` …
 */
export function applyCommands(graph: GraphExport, commands: readonly GraphCommand[]): EditedGraph {
  const on = new GraphDraft(graph)
  for (const command of commands) apply(on, command)
  if (commands.some(({ type }) => type === 'patch') && !fitsGraphSchema(on.graph))
    throw refused('EDIT_INVALID', 'after these changes this would not be a graph any more; nothing was changed')
  return edited(on.draft)
}

/** Applies changes that fit, such as those of an earlier edit or their inverse. Throws `EDIT_INVALID` when one does not fit. */
export function applyChanges(graph: GraphExport, changes: readonly GraphChange[]): EditedGraph {
  const draft = new Draft(graph)
  patch(draft, changes)
  return edited(draft)
}

function edited(draft: Draft): EditedGraph {
  return { graph: draft.value as GraphExport, changes: draft.changes, inverse: draft.inverse }
}

function patch(draft: Draft, changes: readonly GraphChange[]): void {
  for (const change of changes)
    if (!draft.apply(change))
      throw refused('EDIT_INVALID', `cannot ${change.op} /${change.path.join('/')}: the graph has no such place`)
}

function apply(on: GraphDraft, command: GraphCommand): void {
  switch (command.type) {
    case 'addNode':
      return addNode(on, command)
    case 'removeNode':
      return removeNode(on, command)
    case 'renameNode':
      return renameNode(on, command)
    case 'moveNode': {
      const { x, y } = command.position
      return on.setField(metadataOf(on.node(command.id)), ['position'], { x, y }, `node "${command.id}"`)
    }
    case 'setComponent':
      return setComponent(on, command)
    case 'setConfig':
      return setConfig(on, command)
    case 'setNodeField':
      return on.setField(metadataOf(on.node(command.id)), command.path, command.value, `node "${command.id}"`)
    case 'connect':
      return connect(on, command)
    case 'disconnect':
      return disconnect(on, command)
    case 'setWireOptions': {
      const { from, to, options } = command
      return on.mergeOptions(on.wire(from, to), options, `the wire ${wireName(from, to)}`)
    }
    case 'setWireField': {
      const { from, to, path, value } = command
      return on.setField(metadataOf(on.wire(from, to)), path, value, `the wire ${wireName(from, to)}`)
    }
    case 'addInitial':
      return addInitial(on, command)
    case 'removeInitial':
      return removeInitial(on, command)
    case 'setInitial':
      return setInitial(on, command)
    case 'addGroup':
      return addGroup(on, command)
    case 'removeGroup':
      return on.draft.remove(on.group(command.id))
    case 'renameGroup':
      return renameGroup(on, command)
    case 'addToGroup':
      return addToGroup(on, command)
    case 'removeFromGroup':
      return removeFromGroup(on, command)
    case 'setGroupField':
      return on.setField(metadataOf(on.group(command.id)), command.path, command.value, `group "${command.id}"`)
    case 'addOuterPort':
      return addOuterPort(on, command)
    case 'removeOuterPort':
      return removeOuterPort(on, command)
    case 'renameOuterPort':
      return renameOuterPort(on, command)
    case 'addNote':
      return addNote(on, command)
    case 'removeNote':
      return removeNote(on, command)
    case 'setNote':
      return setNote(on, command)
    case 'setProperty':
      return setProperty(on, command)
    case 'patch':
      return patch(on.draft, plain(command.changes))
    default:
      return assertNever(command)
  }
}

function metadataOf(owner: readonly (string | number)[]): readonly (string | number)[] {
  return [...owner, 'metadata']
}

function plain(changes: readonly GraphChange[]): GraphChange[] {
  return changes.map((change) =>
    change.op === 'remove' ? change : { ...change, value: jsonValue(change.value, 'a change') },
  )
}
