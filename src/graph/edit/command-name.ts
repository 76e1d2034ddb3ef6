import type { GraphCommand } from '../../shared/index.ts'
import { wireName } from './graph-draft.ts'

/** Names what commands do, as a menu says it after "Undo": `delete 3 nodes`, `connect a.Output -> b.Input`. */
export function nameOfCommands(commands: readonly GraphCommand[]): string {
  const [first] = commands
  if (first === undefined) return 'nothing'
  if (commands.length === 1) return nameOfOne(first)
  const kinds = new Set(commands.map(({ type }) => type))
  const leading = leadingKinds.find((kind) => kinds.has(kind)) ?? first.type
  const alike = commands.filter(({ type }) => type === leading)
  // What follows from the leading command, such as the wires of a node that is added, goes without saying.
  if (alike.length === 1 && alike[0]) return nameOfOne(alike[0])
  return nameOfMany(leading, alike.length)
}

const leadingKinds: readonly GraphCommand['type'][] = ['addNode', 'removeNode', 'renameNode', 'addGroup']

function nameOfOne(command: GraphCommand): string {
  switch (command.type) {
    case 'patch':
      return command.name ?? 'change the file'
    case 'connect':
    case 'disconnect':
      return `${command.type} ${wireName(command.from, command.to)}`
    case 'setWireOptions':
    case 'setWireField':
      return `change ${wireName(command.from, command.to)}`
    case 'addInitial':
    case 'removeInitial':
    case 'setInitial':
      return `${verbs[command.type]} of ${command.to.node}.${command.to.port}`
    case 'addNote':
      return 'add note'
    case 'setNodeField':
      return command.path[0] === 'label' ? `label ${command.id}` : `change ${command.path.join('.')} of ${command.id}`
    case 'setProperty':
      return `change ${command.path.join('.')}`
    case 'renameNode':
    case 'renameGroup':
      return `rename ${command.id} to ${command.to}`
    case 'addOuterPort':
    case 'removeOuterPort':
    case 'renameOuterPort':
      return `${verbs[command.type]} ${command.name}`
    default:
      return `${verbs[command.type]} ${command.id}`
  }
}

function nameOfMany(type: GraphCommand['type'], count: number): string {
  const [verb, noun] = plurals[type] ?? ['change', 'things']
  return `${verb} ${count} ${noun}`
}

const verbs = {
  addNode: 'add',
  removeNode: 'delete',
  moveNode: 'move',
  setComponent: 'change the actor of',
  setConfig: 'configure',
  addInitial: 'add an initial message',
  removeInitial: 'delete an initial message',
  setInitial: 'change an initial message',
  addGroup: 'group',
  removeGroup: 'ungroup',
  addToGroup: 'add to group',
  removeFromGroup: 'take out of group',
  setGroupField: 'change group',
  addOuterPort: 'expose port',
  removeOuterPort: 'hide port',
  renameOuterPort: 'rename port',
  removeNote: 'delete note',
  setNote: 'change note',
} as const

const plurals: Partial<Record<GraphCommand['type'], readonly [verb: string, noun: string]>> = {
  addNode: ['add', 'nodes'],
  removeNode: ['delete', 'nodes'],
  renameNode: ['rename', 'nodes'],
  moveNode: ['move', 'nodes'],
  setComponent: ['change', 'actors'],
  setConfig: ['configure', 'nodes'],
  connect: ['connect', 'ports'],
  disconnect: ['delete', 'wires'],
  setWireOptions: ['change', 'wires'],
  setWireField: ['change', 'wires'],
  addInitial: ['add', 'initial messages'],
  removeInitial: ['delete', 'initial messages'],
  addGroup: ['add', 'groups'],
  removeGroup: ['remove', 'groups'],
  addOuterPort: ['expose', 'ports'],
  removeOuterPort: ['hide', 'ports'],
  addNote: ['add', 'notes'],
  removeNote: ['delete', 'notes'],
  setNote: ['change', 'notes'],
}
