import { MillraceError } from '../shared/index.ts'
import { peerLabel, type PeerName } from './engine.ts'

const maxSuperseded = 16

/**
 * The starts of one peer, told apart by their epochs: the one in whose place another has proved to be never comes back, even where
 * nobody holds the name at the moment. So a process that was frozen and revived cannot go on, or take the session of its successor.
 */
export class StartHistory {
  readonly #peer: PeerName
  readonly #superseded = new Set<string>()
  #epoch: string | undefined

  constructor(peer: PeerName) {
    this.#peer = peer
  }

  /** The epoch of the present start; `undefined` before the first. */
  get epoch(): string | undefined {
    return this.#epoch
  }

  /** A start has proved who it is. */
  proved(epoch: string): void {
    if (this.#epoch !== undefined && this.#epoch !== epoch) this.#superseded.add(this.#epoch)
    this.#epoch = epoch
    const [oldest] = this.#superseded
    if (this.#superseded.size > maxSuperseded && oldest !== undefined) this.#superseded.delete(oldest)
  }

  /** @throws MillraceError `SUPERSEDED`. */
  refuseSuperseded(epoch: string): void {
    if (!this.#superseded.has(epoch)) return
    throw new MillraceError(
      'SUPERSEDED',
      `a newer start of ${peerLabel(this.#peer)} has taken the place of this one: end this process, or start it anew under another instanceId`,
    )
  }
}
