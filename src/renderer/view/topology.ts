import type { InstanceDescription, WireEnd } from '../../shared/index.ts'
import { isSubgraph } from './draft.ts'

/** A wire as the canvas draws it. */
export interface TopologyWire {
  key: string
  instance: string
  wire: string
  from: WireEnd & { key: string }
  to: WireEnd & { key: string }
}

/** What a link carries between an exporting node and the remote node that stands for it. */
export interface TopologyLink {
  key: string
  /** The instance that has the remote node, and the node's id. */
  instance: string
  node: string
  /** The instance that exports. */
  peer: string
  exported: string
  /** `in`: the exporting node feeds the remote node. `out`: what enters the remote node goes to the exporting one. */
  direction: 'in' | 'out'
  from: string
  to: string
}

/** Names an instance on the canvas. */
export function instanceKey(instance: string): string {
  return `instance ${instance}`
}

/** Names a node on the canvas: node ids are unique in their instance alone. */
export function nodeKey(instance: string, node: string): string {
  return `node ${instance} ${node}`
}

/** Names a peer outside the lab on the canvas. */
export function peerKey(peer: string): string {
  return `peer ${peer}`
}

/** What a remote node stands for: `data_processor@data_instance`. */
export function remoteTarget(component: string): { node: string; networkId: string } | undefined {
  const at = component.lastIndexOf('@')
  return at > 0 && at < component.length - 1
    ? { node: component.slice(0, at), networkId: component.slice(at + 1) }
    : undefined
}

/** All wires of all instances; ones whose ends are no nodes of the graph are left out. */
export function topologyWires(instances: readonly InstanceDescription[]): TopologyWire[] {
  return instances.flatMap(({ instance, nodes, wires }) => {
    const known = new Set(nodes.map(({ id }) => id))
    return wires
      .filter(({ from, to }) => known.has(from.node) && known.has(to.node))
      .map(({ id, from, to }) => ({
        key: `wire ${instance} ${id}`,
        instance,
        wire: id,
        from: { ...from, key: nodeKey(instance, from.node) },
        to: { ...to, key: nodeKey(instance, to.node) },
      }))
  })
}

/** A remote node inside a node that is a graph: it runs, but only the graph around it is drawn. */
export interface RemoteInside {
  instance: string
  /** Its id where it runs: `parent/child`. */
  node: string
  component: string
  /** The node that is drawn. */
  drawn: string
  directions: TopologyLink['direction'][]
}

/** Lists the remote nodes that run inside graphs, which are drawn as one node each. */
export function remotesInside(
  drawn: readonly InstanceDescription[],
  running: readonly InstanceDescription[],
): RemoteInside[] {
  return running.flatMap((here) => {
    const shown = drawn.find(({ instance }) => instance === here.instance)
    if (!shown) return []
    return here.nodes.flatMap(({ id, role, component }): RemoteInside[] => {
      if (role !== 'remote') return []
      const around = drawnNode(shown, id)
      return around === undefined || around === id
        ? []
        : [{ instance: here.instance, node: id, component, drawn: around, directions: directionsOf(here, id) }]
    })
  })
}

/** The node that is drawn for one that runs: itself, or the outermost graph that it is in. */
function drawnNode({ nodes }: InstanceDescription, id: string): string | undefined {
  if (nodes.some((node) => node.id === id)) return id
  return nodes.find((node) => isSubgraph(node) && id.startsWith(`${node.id}/`))?.id
}

/** Every remote node whose peer is in this lab, joined with the node it stands for, in the direction messages go. */
export function topologyLinks(
  instances: readonly InstanceDescription[],
  inside: readonly RemoteInside[] = [],
): TopologyLink[] {
  const remotes = instances.flatMap((here) => {
    const own = here.nodes.flatMap(({ id, role, component }): RemoteInside[] =>
      role === 'remote'
        ? [{ instance: here.instance, node: id, component, drawn: id, directions: directionsOf(here, id) }]
        : [],
    )
    return [...own, ...inside.filter(({ instance }) => instance === here.instance)]
  })
  return remotes.flatMap(({ instance, node, component, drawn, directions }) => {
    const target = remoteTarget(component)
    const found = instances.flatMap((peer) => {
      const exported = peer.networkId === target?.networkId ? drawnNode(peer, target.node) : undefined
      return exported === undefined ? [] : [{ peer: peer.instance, exported }]
    })
    const [end] = found
    if (!target || !end) return []
    return directions.map((direction): TopologyLink => {
      const ends = [nodeKey(end.peer, end.exported), nodeKey(instance, drawn)] as const
      const [from, to] = direction === 'in' ? ends : [ends[1], ends[0]]
      const key = `link ${direction} ${instance} ${node}`
      return { key, instance, node, peer: end.peer, exported: target.node, direction, from, to }
    })
  })
}

/** Which ways messages go between a remote node and the one it stands for; one without wires is taken to bring them. */
export function directionsOf({ wires }: InstanceDescription, node: string): TopologyLink['direction'][] {
  const feeds = wires.some(({ from }) => from.node === node)
  const isFed = wires.some(({ to }) => to.node === node)
  return isFed ? (feeds ? ['in', 'out'] : ['out']) : ['in']
}

/** The instances in the order messages travel through them; those in a ring or apart keep the order of the lab. */
export function inFlowOrder(
  instances: readonly InstanceDescription[],
  links: readonly TopologyLink[],
): InstanceDescription[] {
  const feeders = new Map(instances.map(({ instance }) => [instance, new Set<string>()]))
  for (const { instance, peer, direction } of links) {
    if (instance === peer) continue
    if (direction === 'in') feeders.get(instance)?.add(peer)
    else feeders.get(peer)?.add(instance)
  }
  const waiting = [...instances]
  const ordered: InstanceDescription[] = []
  while (waiting.length > 0) {
    const free = waiting.findIndex(({ instance }) =>
      waiting.every((other) => other.instance === instance || !feeders.get(instance)?.has(other.instance)),
    )
    // In a ring nobody is free, so the first one in the lab's order goes first.
    ordered.push(...waiting.splice(Math.max(0, free), 1))
  }
  return ordered
}
