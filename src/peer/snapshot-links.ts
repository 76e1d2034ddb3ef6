import type { LinkSnapshot } from '../shared/index.ts'
import type { Dialler } from './dialler.ts'
import type { PeerLink } from './peer-link.ts'
import type { Routes } from './routes.ts'

/** Lists every peer that is or was linked, and every address that is dialled and has not said who it is. */
export function snapshotLinks(parts: {
  links: readonly PeerLink[]
  diallers: readonly Dialler[]
  routes: Routes
  nowMs: number
  stopped: boolean
}): LinkSnapshot[] {
  const { links, diallers, routes, nowMs, stopped } = parts
  const known = links.map((link) => {
    const dialler = diallers.find((candidate) => candidate.link === link)
    const snapshot = link.snapshot(stateOf(link, dialler, nowMs, stopped))
    return { ...snapshot, queued: snapshot.queued + routes.waitingFor(link.name.networkId) }
  })
  return [...known, ...diallers.filter((dialler) => dialler.link === undefined).map((dialler) => unmet(dialler, nowMs))]
}

type LinkState = Pick<LinkSnapshot, 'state' | 'address' | 'direction'> & Partial<LinkSnapshot>

function stateOf(link: PeerLink, dialler: Dialler | undefined, nowMs: number, stopped: boolean): LinkState {
  const { live, lastFacts } = link
  const facts = live?.facts ?? lastFacts
  const where = {
    address: facts?.address ?? dialler?.address ?? '',
    direction: facts?.direction ?? 'dialled',
  } as const
  if (live) return { ...where, state: live.suspect ? 'suspect' : 'up' }
  if (stopped) return { ...where, state: 'closed' }
  return { ...where, state: 'down', ...dialled(dialler, nowMs) }
}

/** What the dialler of a peer that is not linked says about it. */
function dialled(dialler: Dialler | undefined, nowMs: number): Partial<LinkSnapshot> {
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

function unmet(dialler: Dialler, nowMs: number): LinkSnapshot {
  const { state } = dialler
  return {
    peer: dialler.address,
    address: dialler.address,
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
    ...(state.type === 'waiting' ? { reason: state.reason } : {}),
    ...dialled(dialler, nowMs),
  }
}
