import type { Jam, NodeLoad, NodeSnapshot, WireSnapshot } from '../../shared/index.ts'
import type { LoadSample } from './load-sample.ts'

/** A node that is kept from going on for less than this share of the time holds nobody up. */
const worthTelling = 0.01

/** Follows every node that was kept from going on to what keeps it, and on to where the jam begins; the worst first. */
export function jamsOf(before: LoadSample, now: LoadSample, loads: ReadonlyMap<string, NodeLoad>): Jam[] {
  const nodes = new Map(now.nodes.map((node) => [node.id, node]))
  const queuedBefore = new Map(before.wires.map(({ id, queued }) => [id, queued]))
  const fill = (wire: WireSnapshot) => Math.max(wire.queued, queuedBefore.get(wire.id) ?? 0) / wire.capacity
  const blocking = new Map<string, WireSnapshot>()
  for (const wire of now.wires) {
    const known = blocking.get(wire.from.node)
    const canBlock = wire.policy === undefined || wire.policy === 'block'
    if (canBlock && (known === undefined || fill(wire) > fill(known))) blocking.set(wire.from.node, wire)
  }
  return [...loads.values()]
    .filter(({ blocked }) => blocked >= worthTelling)
    .sort((one, other) => other.blocked - one.blocked)
    .map(({ node, blocked }): Jam => {
      const wire = blocking.get(node)
      const { root, isCircle } = follow(node)
      return {
        node,
        blocked,
        ...(wire && { wire: wire.id, by: wire.to.node }),
        root,
        reason: isCircle ? 'circle' : reasonOf(nodes.get(root), loads.get(root), blocking.get(root)),
      }
    })

  /** The jam begins at the first node that is not mostly kept from going on itself. */
  function follow(start: string): { root: string; isCircle: boolean } {
    const passed = new Set<string>()
    for (let node = start; ;) {
      const load = loads.get(node)
      const isHeld = node === start || (load !== undefined && load.blocked >= worthTelling && load.blocked > load.busy)
      const next = blocking.get(node)
      if (!isHeld || next === undefined || (next.held ?? 0) > 0) return { root: node, isCircle: false }
      if (passed.has(node)) return { root: node, isCircle: true }
      passed.add(node)
      node = next.to.node
    }
  }
}

function reasonOf(
  node: NodeSnapshot | undefined,
  load: NodeLoad | undefined,
  wire: WireSnapshot | undefined,
): Jam['reason'] {
  if ((wire?.held ?? 0) > 0) return 'breakpoint'
  if (node === undefined) return 'unknown'
  if (node.state === 'paused' || node.state === 'parked' || node.state === 'failed' || node.state === 'stopped')
    return node.state
  if (node.role !== 'local') return 'link'
  return load !== undefined && load.busy >= 0.5 ? 'busy' : 'unknown'
}
