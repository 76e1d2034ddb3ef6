import type { InstanceMetrics, LinkSnapshot } from '../../shared/index.ts'
import { channelKey, type Rates } from './rates.ts'
import type { TopologyLink } from './topology.ts'

/** What is known of the way between an exporting node and the remote node that stands for it. */
export interface LinkFigures {
  state: LinkSnapshot['state']
  rttMs: number | undefined
  perSecond: number
  queued: number
  reason: string | undefined
}

/** The link to a peer: by its name, or by its address while it has not said who it is; one that is up goes first. */
export function linkTo(
  metrics: InstanceMetrics,
  peer: { instance: string; address: string },
): LinkSnapshot | undefined {
  const named = metrics.links.filter((link) => link.peer === peer.instance || link.address === peer.address)
  return named.find(({ state }) => state === 'up') ?? named[0]
}

/** The figures of a link on the canvas, from those of the instance that has the remote node. */
export function linkFigures(
  link: TopologyLink,
  here: { metrics: InstanceMetrics; rates: Rates },
  peerAddress: string,
): LinkFigures | undefined {
  const found = linkTo(here.metrics, { instance: link.peer, address: peerAddress })
  if (!found) return undefined
  const channels = found.channels.filter(
    ({ node, direction }) => node === link.exported && direction === link.direction,
  )
  return {
    state: found.state,
    rttMs: found.rttMs,
    perSecond: channels.reduce(
      (sum, channel) => sum + (here.rates.channels.get(channelKey(found.peer, channel)) ?? 0),
      0,
    ),
    queued: channels.reduce((sum, { queued }) => sum + queued, 0),
    reason: found.reason,
  }
}
