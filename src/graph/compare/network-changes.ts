import type { GraphExport } from '../../shared/index.ts'
import { sameJson } from '../edit/same-json.ts'
import { initialsOf, isInitial, millraceOf, nodesOf, wireId, wiresOf } from '../graph-parts.ts'
import type { GraphInitial, GraphNode, GraphWire } from '../graph-parts.ts'

/** What has to be done to a running network so that it runs another graph. Nodes that are in neither list go on undisturbed. */
export interface NetworkChanges {
  configure: GraphNode[]
  addNodes: GraphNode[]
  /** Nodes that become uses of another actor, or of a remote node with other ports; their wires are in none of the lists. */
  replaceNodes: GraphNode[]
  addWires: GraphWire[]
  configureWires: GraphWire[]
  removeWires: GraphWire[]
  removeNodes: string[]
  /** New ones; a message that is no longer in the graph has been delivered already. */
  addInitials: GraphInitial[]
}

/** Compares a graph that runs with one that shall run. Throws `MESSAGE_INVALID` for an initial message that cannot be read. */
export function networkChanges(running: GraphExport, next: GraphExport): NetworkChanges {
  const nodes = changedNodes(running, next)
  const isGone = (wire: GraphWire) => [wire.from.node, wire.to.node].some((id) => nodes.removeNodes.includes(id))
  return { ...nodes, ...changedWires(running, next, isGone), addInitials: newInitials(running, next) }
}

/** Whether there is anything to do. */
export function isNoChange(changes: NetworkChanges): boolean {
  return Object.values(changes).every((list: unknown[]) => list.length === 0)
}

/** The ports of a node that are wired: a remote node has no others. */
export function wiredPorts(graph: GraphExport): (id: string) => { inports: string[]; outports: string[] } {
  const ports = new Map<string, { inports: Set<string>; outports: Set<string> }>()
  const portsOf = (id: string) => {
    const known = ports.get(id) ?? { inports: new Set(), outports: new Set() }
    ports.set(id, known)
    return known
  }
  for (const { from, to } of wiresOf(graph)) {
    portsOf(from.node).outports.add(from.port)
    portsOf(to.node).inports.add(to.port)
  }
  for (const { to } of (graph.connections ?? []).filter(isInitial)) portsOf(to.nodeId).inports.add(to.portId)
  return (id) => ({ inports: [...portsOf(id).inports], outports: [...portsOf(id).outports] })
}

function changedNodes(running: GraphExport, next: GraphExport) {
  const before = new Map(nodesOf(running).map((node) => [node.id, node]))
  const portsBefore = wiredPorts(running)
  const ports = wiredPorts(next)
  const changes = { configure: [] as GraphNode[], addNodes: [] as GraphNode[], replaceNodes: [] as GraphNode[] }
  for (const node of nodesOf(next)) {
    const old = before.get(node.id)
    before.delete(node.id)
    if (old === undefined) changes.addNodes.push(node)
    else if (old.component !== node.component) changes.replaceNodes.push(node)
    else if (node.remote !== undefined) {
      const [known, wanted] = [portsBefore(node.id), ports(node.id)]
      const hasNew = (['inports', 'outports'] as const).some((side) =>
        wanted[side].some((port) => !known[side].includes(port)),
      )
      if (hasNew || !sameJson(settingsOf(old), settingsOf(node))) changes.replaceNodes.push(node)
    } else if (!sameJson(settingsOf(old), settingsOf(node))) changes.configure.push(node)
  }
  return { ...changes, removeNodes: [...before.keys()] }
}

/** What a running node knows of its metadata: places and labels are for people. */
function settingsOf({ metadata }: GraphNode): unknown {
  const { position: _position, label: _label, ...settings } = metadata
  return settings
}

function changedWires(running: GraphExport, next: GraphExport, isGone: (wire: GraphWire) => boolean) {
  const before = new Map(wiresOf(running).map((wire) => [wireId(wire.from, wire.to), wire]))
  const optionsOf = (graph: GraphExport, { index }: GraphWire) => millraceOf(graph.connections?.[index]?.metadata)
  const changes = { addWires: [] as GraphWire[], configureWires: [] as GraphWire[] }
  for (const wire of wiresOf(next)) {
    const id = wireId(wire.from, wire.to)
    const old = before.get(id)
    before.delete(id)
    if (old === undefined) changes.addWires.push(wire)
    else if (!sameJson(optionsOf(running, old), optionsOf(next, wire))) changes.configureWires.push(wire)
  }
  return { ...changes, removeWires: [...before.values()].filter((wire) => !isGone(wire)) }
}

function newInitials(running: GraphExport, next: GraphExport): GraphInitial[] {
  if (running.connections === next.connections && running.properties === next.properties) return []
  const known = initialsOf(running)
  return initialsOf(next).filter((initial) => {
    const at = known.findIndex(
      ({ to, value }) => to.node === initial.to.node && to.port === initial.to.port && isSame(value, initial.value),
    )
    if (at !== -1) known.splice(at, 1)
    return at === -1
  })
}

function isSame(one: unknown, other: unknown): boolean {
  if (one instanceof Uint8Array && other instanceof Uint8Array)
    return one.length === other.length && one.every((byte, index) => byte === other[index])
  return Object.is(one, other) || sameJson(one, other)
}
