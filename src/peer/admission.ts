import { peerLabel, type PeerName } from './engine.ts'
import type { PeerLink } from './peer-link.ts'

type Direction = 'dialled' | 'accepted'

/** What becomes of a newcomer that has proved to be a peer. */
export type Admission = 'welcome' | 'redundant' | 'duplicate'

/** When two dial each other, the connection stays that was dialled by the one whose name comes first. */
export function prefers(own: PeerName, peer: PeerName, direction: Direction): boolean {
  return (direction === 'dialled') === peerLabel(own) < peerLabel(peer)
}

/** Whether a newcomer may take over a link; looks whether its present connection is alive where that matters. */
export async function admitNewcomer(
  link: PeerLink,
  own: PeerName,
  newcomer: { epoch: string; direction: Direction },
): Promise<Admission> {
  const { live: present } = link
  const { epoch, direction } = newcomer
  if (!present) return 'welcome'
  const same = link.starts.epoch === epoch
  const redialled = present.facts.direction === direction
  // Who dials again knows best that its last connection is over.
  if (same && redialled && direction === 'accepted') return 'welcome'
  if (same && !redialled && prefers(own, link.name, direction)) return 'welcome'
  const alive = await present.probe()
  if (link.live !== present) return admitNewcomer(link, own, newcomer)
  if (!alive) return 'welcome'
  return same ? 'redundant' : 'duplicate'
}
