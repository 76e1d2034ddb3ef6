import type { NetworkNode } from './network-node.ts'
import type { Topology } from './topology.ts'
import type { Wire } from './wire.ts'

/** Nodes that will never move again unless somebody helps, and the wires by which they wait for each other. */
export interface Deadlock {
  nodes: string[]
  wires: string[]
}

/**
 * Finds nodes that wait for each other: the greatest set in which each has output for a full wire into another one of the set, or waits
 * for all its inports while every source of an empty one is in the set. Ask only when nothing is ready to run: then no node of the set
 * can move, since each waits for one of the others.
 */
export function findDeadlock(topology: Topology): Deadlock | undefined {
  const stuck = new Set([...topology.nodes.values()].filter((node) => isCandidate(node)))
  for (let before = -1; before !== stuck.size;) {
    before = stuck.size
    for (const node of stuck) if (waitsFor(node, stuck, topology).length === 0) stuck.delete(node)
  }
  const [first] = stuck
  return first === undefined ? undefined : ringFrom(first, stuck, topology)
}

/** A node that a person has paused, or that has stopped or failed, does not wait: somebody knows why it stands. */
function isCandidate({ phase, turns }: NetworkNode): boolean {
  return phase === 'started' && turns.allowance === Infinity
}

/** The wires by which a node waits for nodes of the set; none if it may still move. */
function waitsFor(node: NetworkNode, stuck: ReadonlySet<NetworkNode>, topology: Topology): Wire[] {
  const full = node.outports
    .flatMap(({ wires }) => wires)
    .filter((wire) => wire.overflow > 0 && wire.inlet.heldBack === 0 && isIn(wire.to.node, stuck, topology))
  if (full.length > 0) return full
  if (node.actor.firing !== 'all' || node.intake.queued === 0) return []
  for (const inport of node.inports) {
    const wires = node.intake.wires.filter((wire) => wire.inport === inport)
    const isStarved = wires.length > 0 && wires.every(({ length, inlet }) => length + inlet.heldBack === 0)
    if (isStarved && wires.every(({ from }) => isIn(from.node, stuck, topology))) return wires
  }
  return []
}

/** Follows the waiting from node to node until it comes round. */
function ringFrom(first: NetworkNode, stuck: ReadonlySet<NetworkNode>, topology: Topology): Deadlock {
  const path: { node: NetworkNode; wire: Wire }[] = []
  let node = first
  for (;;) {
    const start = path.findIndex((step) => step.node === node)
    if (start >= 0) {
      const ring = path.slice(start)
      return { nodes: ring.map((step) => step.node.id), wires: ring.map(({ wire }) => wire.id) }
    }
    const [wire] = waitsFor(node, stuck, topology)
    if (wire === undefined) throw new Error(`node "${node.id}" is not stuck`)
    path.push({ node, wire })
    node = topology.node(wire.from.node === node.id ? wire.to.node : wire.from.node)
  }
}

function isIn(id: string, stuck: ReadonlySet<NetworkNode>, topology: Topology): boolean {
  const node = topology.nodes.get(id)
  return node !== undefined && stuck.has(node)
}
