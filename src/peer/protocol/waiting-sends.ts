import { MillraceError } from '../../shared/index.ts'

const maxWaiting = 256

interface WaitingSend {
  readonly value: unknown
  readonly accepted: () => void
  readonly failed: (error: unknown) => void
}

/** Messages that wait until a channel takes them, in order, and those who want to know when it would take one at once. */
export class WaitingSends {
  #sends: WaitingSend[] = []
  readonly #watchers = new Set<() => void>()

  get count(): number {
    return this.#sends.length
  }

  /** Whether anybody has to be told when there is room. */
  get isHeard(): boolean {
    return this.#sends.length > 0 || this.#watchers.size > 0
  }

  /** @throws MillraceError `OUTBOX_FULL`; `where` names the port in it. */
  add(value: unknown, where: string): Promise<void> {
    if (this.#sends.length >= maxWaiting)
      throw new MillraceError(
        'OUTBOX_FULL',
        `${maxWaiting} messages wait for "${where}" of a peer already: await what send answers`,
      )
    const sent = new Promise<void>((accepted, failed) => this.#sends.push({ value, accepted, failed }))
    // Who does not await it has said that it does not care; it must not end the process.
    sent.catch(() => {})
    return sent
  }

  /** Calls back once, when `tell` is called; returns the undo. */
  watch(run: () => void): () => void {
    this.#watchers.add(run)
    return () => void this.#watchers.delete(run)
  }

  /** Takes the next one out. */
  shift(): WaitingSend | undefined {
    return this.#sends.shift()
  }

  /** Takes all of them out. */
  takeAll(): WaitingSend[] {
    return this.#sends.splice(0)
  }

  /** Those who wait will not be served. */
  reject(reason: MillraceError): void {
    for (const send of this.takeAll()) send.failed(reason)
    this.tell()
  }

  /** A send would be answered at once now. */
  tell(): void {
    if (this.#watchers.size === 0) return
    const watchers = [...this.#watchers]
    this.#watchers.clear()
    for (const run of watchers) run()
  }
}
