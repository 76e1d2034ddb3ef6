/** A send that waits for room: what an emitter awaits when the outbox is full. */
export class PendingSend implements PromiseLike<void> {
  /** Whether anybody has asked to be told. */
  awaited = false
  #parts = 0
  #outcome: { error?: unknown } | undefined
  #listeners: { resolve: () => void; reject: (error: unknown) => void }[] = []

  /** Adds one message that has to find room before this send is done. */
  expect(): this {
    this.#parts++
    return this
  }

  /** Whether it still waits and nobody has asked to be told. */
  get isForgotten(): boolean {
    return this.#outcome === undefined && !this.awaited
  }

  /** Says that one message has found room. */
  admitted(): void {
    this.#parts--
    if (this.#parts > 0) return
    this.#outcome ??= {}
    for (const { resolve } of this.#listeners.splice(0)) resolve()
  }

  /** Tells those who await that the message was not taken. */
  refuse(error: unknown): void {
    this.#outcome ??= { error }
    for (const { reject } of this.#listeners.splice(0)) reject(error)
  }

  // oxlint-disable-next-line unicorn/no-thenable -- awaiting is what it is for; a promise per send would cost twice as much
  then<Done = void, Failed = never>(
    onDone?: ((value: void) => Done | PromiseLike<Done>) | null,
    onFailed?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): PromiseLike<Done | Failed> {
    this.awaited = true
    return this.#promise().then(onDone, onFailed)
  }

  #promise(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#outcome === undefined) this.#listeners.push({ resolve, reject })
      else if ('error' in this.#outcome) reject(this.#outcome.error)
      else resolve()
    })
  }
}
