/** When what a session has goes out: what a packet brings forth once that has been worked on, all else at the end of the turn. */
export class FlushTurn {
  readonly #soon: (run: () => void) => void
  readonly #run: () => void
  #isAsked = false
  #isReceiving = false

  /** `soon` runs something once the present turn is over. */
  constructor(soon: (run: () => void) => void, flush: () => void) {
    this.#soon = soon
    this.#run = () => {
      this.#isAsked = false
      flush()
    }
  }

  /** Flushes once, however often it is asked. */
  ask(): void {
    if (this.#isAsked) return
    this.#isAsked = true
    // After a packet that is sooner, and no turn of its own.
    if (!this.#isReceiving) this.#soon(this.#run)
  }

  /** A packet is handed over. */
  begin(): void {
    this.#isReceiving = true
  }

  /** It has been worked on. */
  settle(): void {
    this.#isReceiving = false
    if (this.#isAsked) this.#run()
  }
}
