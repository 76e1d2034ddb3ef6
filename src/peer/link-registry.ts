import { MillraceError } from '../shared/index.ts'
import { peerLabel, type PeerIdentity, type PeerName } from './engine.ts'
import type { LinkEnvironment } from './link-environment.ts'
import type { LinkOwner } from './link-owner.ts'
import { PeerLink } from './peer-link.ts'

const maxRemembered = 1000

/** The links of an endpoint, by peer; keeps what was counted of a peer that is gone, within bounds. */
export class LinkRegistry {
  readonly #environment: LinkEnvironment
  readonly #owner: LinkOwner<PeerLink>
  readonly #links = new Map<string, PeerLink>()
  /** Peers that are being dialled and have answered, by name and epoch. */
  readonly #meeting = new Set<string>()

  constructor(environment: LinkEnvironment, owner: LinkOwner<PeerLink>) {
    this.#environment = environment
    this.#owner = owner
  }

  get all(): readonly PeerLink[] {
    return [...this.#links.values()]
  }

  get liveCount(): number {
    let count = 0
    for (const link of this.#links.values()) if (link.live) count++
    return count
  }

  linkTo(peer: PeerName): PeerLink {
    const label = peerLabel(peer)
    const known = this.#links.get(label)
    if (known) return known
    this.#forgetOne()
    const name = { networkId: peer.networkId, instanceId: peer.instanceId }
    const link = new PeerLink(name, this.#environment, this.#owner)
    this.#links.set(label, link)
    return link
  }

  /** How many connections a peer has had; tells whether one was made since somebody looked. */
  connectionsOf(peer: PeerName): number {
    return this.#links.get(peerLabel(peer))?.connections ?? 0
  }

  /** The links to instances of a network, those that are up first. */
  linksOf(networkId: string): readonly PeerLink[] {
    const links = this.all.filter((link) => link.name.networkId === networkId)
    return links.sort((left, right) => Number(right.live !== undefined) - Number(left.live !== undefined))
  }

  /** The link to an instance of a network that is up. @throws MillraceError `PEER_UNKNOWN`, `LINK_DOWN`. */
  liveLinkOf(networkId: string): PeerLink {
    const [link] = this.linksOf(networkId)
    if (!link) throw new MillraceError('PEER_UNKNOWN', `no peer of network "${networkId}" is known: dial it first`)
    if (!link.live) throw new MillraceError('LINK_DOWN', `there is no link to ${peerLabel(link.name)} now`)
    return link
  }

  /** Notes that a dialled peer has answered; returns its undo. */
  meet(peer: PeerIdentity): () => void {
    const key = meetingKey(peer)
    this.#meeting.add(key)
    return () => void this.#meeting.delete(key)
  }

  isMeeting(peer: PeerIdentity): boolean {
    return this.#meeting.has(meetingKey(peer))
  }

  /** @throws MillraceError `DUPLICATE_ID` when a peer has the name of this instance. */
  checkForeign(peer: PeerIdentity, address: string): void {
    const { identity } = this.#environment
    if (peerLabel(peer) !== peerLabel(identity)) return
    throw new MillraceError(
      'DUPLICATE_ID',
      peer.epoch === identity.epoch
        ? `${address} is ${peerLabel(identity)} itself: an instance does not link to itself`
        : `the instance at ${address} is also called ${peerLabel(identity)}: give one of them another instanceId`,
    )
  }

  #forgetOne(): void {
    if (this.#links.size < maxRemembered) return
    for (const [label, link] of this.#links) {
      if (!link.disused) continue
      this.#links.delete(label)
      return
    }
  }
}

function meetingKey(peer: PeerIdentity): string {
  return JSON.stringify([peer.networkId, peer.instanceId, peer.epoch])
}
