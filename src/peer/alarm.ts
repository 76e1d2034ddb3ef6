/** A timer that may be asked for many times before it runs: the first asking counts. */
export class Alarm {
  readonly #set: (run: () => void) => () => void
  readonly #run: () => void
  #cancel: (() => void) | undefined

  /** `set` starts a timer and returns its undo. */
  constructor(set: (run: () => void) => () => void, run: () => void) {
    this.#set = set
    this.#run = () => {
      this.#cancel = undefined
      run()
    }
  }

  /** Runs after the delay, counted from the first asking. */
  ask(): void {
    this.#cancel ??= this.#set(this.#run)
  }

  /** Runs no more until it is asked again. */
  cancel(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
