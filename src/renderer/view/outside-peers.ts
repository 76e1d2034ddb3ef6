import { commandLineNetwork, type InstanceDescription, type LinkSnapshot } from '../../shared/index.ts'
import type { InstanceBox } from './topology-layout.ts'
import { directionsOf, nodeKey, peerKey, remoteTarget, type TopologyLink } from './topology.ts'

/** A peer that is no instance of this lab, as the canvas shows it at its edge. */
export interface OutsidePeer {
  key: string
  /** Its `networkId/instanceId`, or its address while it has not said who it is. */
  peer: string
  /** The instance of this lab that it is linked to; the first of them, when there are several. */
  instance: string
  /** `in`: at the side where messages come from. `out`: what it takes goes there. */
  side: 'in' | 'out'
}

/** The peers outside the lab, and what their links carry. */
export interface OutsidePeers {
  peers: readonly OutsidePeer[]
  links: readonly TopologyLink[]
}

/** Where a peer stands, in the canvas's units. */
export type PlacedPeer = OutsidePeer & { x: number; y: number }

type Link = Pick<LinkSnapshot, 'peer' | 'address' | 'direction' | 'channels'>

/** The peers outside the lab, in the order of their names, and what their links carry; visits of the command line are none. */
export function outsidePeers(
  instances: readonly InstanceDescription[],
  linksOf: (instance: string) => readonly Link[],
): OutsidePeers {
  const isInside = ({ peer, address }: Link) =>
    instances.some((instance) => instance.instance === peer || instance.address === address)
  const found = instances.flatMap((here) =>
    linksOf(here.instance)
      .filter((link) => !isInside(link) && networkOf(link.peer) !== commandLineNetwork)
      .map((link) => ({ here, link })),
  )
  const links = [...new Map(found.flatMap(carried).map((link) => [link.key, link])).values()]
  const peers = new Map<string, OutsidePeer>()
  for (const { here, link } of found) {
    if (peers.has(link.peer)) continue
    const own = links.filter(({ peer }) => peer === link.peer)
    const isSource = own.length > 0 ? own.some(({ to }) => to !== peerKey(link.peer)) : link.direction === 'dialled'
    peers.set(link.peer, {
      key: peerKey(link.peer),
      peer: link.peer,
      instance: here.instance,
      side: isSource ? 'in' : 'out',
    })
  }
  return { peers: [...peers.values()].sort((one, other) => (one.peer < other.peer ? -1 : 1)), links }
}

interface Met {
  here: InstanceDescription
  link: Link
}

/** The lines between a peer and the nodes here that have to do with it. */
function carried({ here, link }: Met): TopologyLink[] {
  const line = (node: string, exported: string, direction: 'in' | 'out'): TopologyLink => {
    const ends = [peerKey(link.peer), nodeKey(here.instance, node)] as const
    const [from, to] = direction === 'in' ? ends : [ends[1], ends[0]]
    const key = `link ${direction} ${here.instance} ${node} ${link.peer}`
    return { key, instance: here.instance, node, peer: link.peer, exported, direction, from, to }
  }
  const remote = here.nodes.flatMap((node) => {
    const target = node.role === 'remote' ? remoteTarget(node.component) : undefined
    if (target === undefined || target.networkId !== networkOf(link.peer)) return []
    return directionsOf(here, node.id).map((direction) => line(node.id, target.node, direction))
  })
  // What the peer asked for: its channels to and from nodes that this instance exports.
  const exported = link.channels
    .filter(({ node }) => here.nodes.some(({ id, role }) => id === node && role === 'local'))
    .filter(({ node, direction }) => !remote.some((known) => known.exported === node && known.direction === direction))
    .map(({ node, direction }) => line(node, node, direction))
  return [...remote, ...exported]
}

function networkOf(peer: string): string {
  return peer.split('/')[0] ?? ''
}

/** The room that a peer outside the lab takes at the edge of the canvas, and what is between it and the instances. */
export const peerBox = { size: { width: 176, height: 62 }, gap: 92, between: 16 } as const

/** Puts peers at the left and right edge, each about as high as the nodes it has to do with; the instances make room. */
export function withPeersAtEdges(
  boxes: readonly InstanceBox[],
  { peers, links }: OutsidePeers,
): { instances: InstanceBox[]; peers: PlacedPeer[] } {
  const shift = peers.some(({ side }) => side === 'in') ? peerBox.size.width + peerBox.gap : 0
  const instances = boxes.map((box) => ({ ...box, x: box.x + shift }))
  const right = Math.max(0, ...instances.map(({ x, width }) => x + width)) + peerBox.gap
  const heights = new Map(
    instances.flatMap(({ instance, y, nodes }) =>
      nodes.map((node) => [nodeKey(instance, node.id), y + node.y] as const),
    ),
  )
  const middle = Math.max(0, ...instances.map(({ y, height }) => y + height)) / 2 - peerBox.size.height / 2
  const wishOf = ({ peer }: OutsidePeer): number => {
    const wishes = links
      .filter((link) => link.peer === peer)
      .flatMap(({ instance, node }) => heights.get(nodeKey(instance, node)) ?? [])
    return wishes.length === 0 ? middle : wishes.reduce((sum, wish) => sum + wish, 0) / wishes.length
  }
  const column = (side: OutsidePeer['side'], x: number) => {
    let free = 0
    return peers
      .filter((peer) => peer.side === side)
      .map((peer) => ({ peer, wish: wishOf(peer) }))
      .sort((one, other) => one.wish - other.wish)
      .map(({ peer, wish }) => {
        const y = Math.max(free, wish)
        free = y + peerBox.size.height + peerBox.between
        return { ...peer, x, y }
      })
  }
  return { instances, peers: [...column('in', 0), ...column('out', right)] }
}

/** How much width the peers at both edges take. */
export function edgeWidth(peers: readonly OutsidePeer[]): number {
  return new Set(peers.map(({ side }) => side)).size * (peerBox.size.width + peerBox.gap)
}
