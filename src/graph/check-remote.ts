import type { Findings } from './finding.ts'
import type { GraphScope } from './graph-scope.ts'
import { dials } from './check-lab.ts'
import { nodesOf } from './graph-parts.ts'
import { didYouMean } from './suggest.ts'

/** Checks that the peer a remote node names is there, is linked, and exports the node. */
export function checkRemote(
  remote: { node: string; networkId: string },
  id: string,
  { context }: GraphScope,
  findings: Findings,
): void {
  if (!context) return
  const { lab, instance, graphs } = context
  const path = ['processes', id, 'component']
  const peers = lab.instances.filter((peer) => peer.networkId === remote.networkId && peer !== instance)
  if (peers.length === 0) {
    const names = lab.instances.map((peer) => peer.networkId)
    const suggestion = didYouMean(remote.networkId, names)
    const text = `no other instance of this lab is of the network "${remote.networkId}"`
    const outside = suggestion ? undefined : peerOutside(context)
    if (outside !== undefined) findings.note('PEER_UNKNOWN', path, `${text}; the peer ${outside} has to be`)
    else findings.warning('PEER_UNKNOWN', path, `${text}${suggestion || '; it will wait for a peer of that name'}`)
    return
  }
  if (!peers.some((peer) => dials(instance, peer) || dials(peer, instance))) {
    const advice = `add {"endpoint": "127.0.0.1:${peers[0]?.bindPort ?? 'PORT'}"} to its peers`
    findings.error('PEER_UNKNOWN', path, `"${instance.networkId}" and "${remote.networkId}" are not linked; ${advice}`)
  }
  const known = peers.flatMap((peer) => (graphs[peer.graph] ? nodesOf(graphs[peer.graph] ?? noGraph) : []))
  if (known.length > 0 && !known.some((node) => node.id === remote.node)) {
    const suggestion = didYouMean(
      remote.node,
      known.map((node) => node.id),
    )
    findings.error('NODE_UNKNOWN', path, `"${remote.networkId}" has no node "${remote.node}"${suggestion}`)
  } else if (!peers.some((peer) => peer.exports?.includes(remote.node)))
    findings.error(
      'NOT_EXPORTED',
      path,
      `"${remote.networkId}" does not export "${remote.node}"; add it to its exports`,
    )
}

/** The first peer of an instance that is not in its lab. */
function peerOutside({ lab, instance }: NonNullable<GraphScope['context']>): string | undefined {
  const { peers = [] } = instance
  return peers.find((peer) => !lab.instances.some((other) => dials({ ...instance, peers: [peer] }, other)))?.endpoint
}

const noGraph = { caseSensitive: true, properties: {} }
