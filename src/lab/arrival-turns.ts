import type { nodePlatform } from './node-platform.ts'

/** Turns between two sockets, one after the other, before timers and all other sockets have theirs. */
const mostEarly = 16
/** After so many it is looked up whether the loop has turned meanwhile: not after each, since that is a turn of its own. */
const lookAfter = 12

/**
 * When a network works on what a link has brought: in the turn of the loop that brought it rather than after it, which a lone message feels
 * (7 µs of 45 on a bare socket). Every packet is good for one such turn, and after sixteen in one turn of the loop the network waits for its
 * ordinary one, so that a hundred busy links hold up neither timers nor each other. Lone messages come one in each turn of the loop: all of them are early.
 */
export class ArrivalTurns {
  readonly #platform: Pick<typeof nodePlatform, 'schedule'>
  #hasArrived = false
  #early = 0
  #waiting: (() => void) | undefined
  readonly #turned = () => {
    this.#early = 0
  }

  constructor(platform: Pick<typeof nodePlatform, 'schedule'>) {
    this.#platform = platform
  }

  /** A packet has come; what is in it is handed over next. */
  readonly arrived = (): void => {
    this.#hasArrived = true
  }

  /** Everything in the packet has been handed over. */
  readonly handedOver = (): void => {
    this.#hasArrived = false
    const run = this.#waiting
    this.#waiting = undefined
    run?.()
  }

  /** As the platform's: runs something in a later turn of the loop, or, once after `arrived`, when all has been handed over; returns the undo. */
  readonly schedule = (run: () => void): (() => void) => {
    if (!this.#hasArrived || this.#waiting !== undefined || this.#early >= mostEarly) {
      this.#early = 0
      return this.#platform.schedule(run)
    }
    this.#hasArrived = false
    if (++this.#early === lookAfter) this.#platform.schedule(this.#turned)
    this.#waiting = run
    return () => {
      if (this.#waiting === run) this.#waiting = undefined
    }
  }
}
