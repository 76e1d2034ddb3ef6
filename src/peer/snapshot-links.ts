import type { DeliveryMode, LinkSnapshot } from '../shared/index.ts'
import type { Dialler } from './dialler.ts'
import { peerLabel } from './engine.ts'
import type { PeerLink } from './peer-link.ts'
import type { Routes } from './routes.ts'

/** What a picture of all links is made of. */
export interface LinkSources {
  readonly links: readonly PeerLink[]
  readonly diallers: readonly Dialler[]
  readonly routes: Routes
  /** On the monotonic clock. */
  readonly nowMs: number
  readonly stopped: boolean
}

/** Lists every peer that is or was linked, and every address that is dialled and has not said who it is. */
export function snapshotLinks(sources: LinkSources): LinkSnapshot[] {
  const { links, diallers, nowMs } = sources
  const unmet = diallers.filter((dialler) => dialler.link === undefined)
  return [
    ...links.map((link) => snapshotLink(link, sources)),
    ...unmet.map((dialler) => snapshotDialler(dialler, nowMs)),
  ]
}

function snapshotLink(link: PeerLink, sources: LinkSources): LinkSnapshot {
  const { live, lastFacts, downReason } = link
  const dialler = sources.diallers.find((candidate) => candidate.link === link)
  const facts = live?.facts ?? lastFacts
  const channels = snapshotChannels(link)
  const waiting = channels.reduce((sum, channel) => sum + (channel.direction === 'out' ? channel.queued : 0), 0)
  return {
    peer: peerLabel(link.name),
    address: facts?.address ?? dialler?.address ?? '',
    direction: facts?.direction ?? 'dialled',
    secure: facts?.secure ?? false,
    ...(facts?.key === undefined ? {} : { key: facts.key }),
    ...(link.exports.revision > 0 && { exports: link.exports.names }),
    ...link.figures,
    queued: waiting + sources.routes.waitingFor(link.name.networkId),
    channels,
    ...(live?.rttMs === undefined ? {} : { rttMs: live.rttMs }),
    ...(downReason === undefined ? {} : { reason: downReason }),
    ...stateOf(link, dialler, sources),
  }
}

type LinkState = Pick<LinkSnapshot, 'state'> & Partial<LinkSnapshot>

function stateOf({ live }: PeerLink, dialler: Dialler | undefined, { nowMs, stopped }: LinkSources): LinkState {
  if (live) return { state: live.suspect ? 'suspect' : 'up' }
  return stopped ? { state: 'closed' } : { state: 'down', ...dialState(dialler, nowMs) }
}

/** What the dialler of a peer that is not linked says about it. */
function dialState(dialler: Dialler | undefined, nowMs: number): Partial<LinkSnapshot> {
  const state = dialler?.state
  switch (state?.type) {
    case 'waiting':
      return { retryInMs: Math.max(0, Math.round(state.untilMs - nowMs)) }
    case 'refused':
      return { state: 'refused', reason: state.reason, retryInMs: Math.max(0, Math.round(state.untilMs - nowMs)) }
    case 'connecting':
      return { state: 'connecting' }
    default:
      return {}
  }
}

function snapshotChannels({ session }: PeerLink): LinkSnapshot['channels'] {
  if (!session) return []
  const out = [...session.channels.outgoing.values()].map((channel) => {
    const { node, port, accepted: messages, queued, credit } = channel
    return { direction: 'out' as const, node, port, messages, queued, credit, ...deliveryOf(channel) }
  })
  const incoming = [...session.channels.incoming.values()].map((channel) => {
    const { node, port, received: messages, queued, credit } = channel
    return { direction: 'in' as const, node, port, messages, queued, credit, ...deliveryOf(channel) }
  })
  return [...out, ...incoming]
}

function deliveryOf({ delivery }: { delivery: DeliveryMode }): { delivery?: DeliveryMode } {
  return delivery === 'reliable' ? {} : { delivery }
}

function snapshotDialler(dialler: Dialler, nowMs: number): LinkSnapshot {
  const { state, address } = dialler
  return {
    ...snapshotUnmet(address),
    ...(state.type === 'waiting' ? { reason: state.reason } : {}),
    ...dialState(dialler, nowMs),
  }
}

/** What there is to say of an address that is dialled and behind which nobody has answered yet. */
export function snapshotUnmet(address: string): LinkSnapshot {
  return {
    peer: address,
    address,
    direction: 'dialled',
    state: 'connecting',
    secure: false,
    sent: 0,
    received: 0,
    lost: 0,
    duplicated: 0,
    sentBytes: 0,
    receivedBytes: 0,
    queued: 0,
    reconnects: 0,
    channels: [],
  }
}
