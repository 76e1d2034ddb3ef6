import { MillraceError } from '../../shared/index.ts'
import type { OutboundChannel } from '../engine.ts'

const maxWaiting = 256

/** A channel to a network of which nobody knows yet by which dialect it will be linked: it waits until it is, and then keeps to that. */
export class EitherChannel implements OutboundChannel {
  readonly #choose: () => OutboundChannel | undefined
  readonly #undo: () => void
  #chosen: OutboundChannel | undefined
  #waiting: { value: unknown; accepted: () => void; failed: (error: unknown) => void }[] = []
  #closed = false

  /** `choose` opens the channel once the network is linked; `subscribe` tells when that may be. */
  constructor(choose: () => OutboundChannel | undefined, subscribe: (look: () => void) => () => void) {
    this.#choose = choose
    this.#undo = subscribe(() => this.#look())
    this.#look()
  }

  get queued(): number {
    return this.#waiting.length + (this.#chosen?.queued ?? 0)
  }

  get credit(): number {
    return this.#chosen?.credit ?? 0
  }

  send(value: unknown): PromiseLike<void> | undefined {
    if (this.#chosen) return this.#chosen.send(value)
    if (this.#closed) return Promise.reject(new MillraceError('LINK_DOWN', 'the channel to a peer is closed'))
    if (this.#waiting.length >= maxWaiting)
      throw new MillraceError('OUTBOX_FULL', `${maxWaiting} messages wait for a peer already: await what send answers`)
    const sent = new Promise<void>((accepted, failed) => this.#waiting.push({ value, accepted, failed }))
    sent.catch(() => {})
    return sent
  }

  close(): void {
    this.#closed = true
    this.#undo()
    this.#chosen?.close()
    const reason = new MillraceError('LINK_DOWN', 'the channel to a peer is closed')
    for (const send of this.#waiting.splice(0)) send.failed(reason)
  }

  #look(): void {
    if (this.#chosen || this.#closed) return
    const chosen = this.#choose()
    if (!chosen) return
    this.#chosen = chosen
    this.#undo?.()
    for (const { value, accepted, failed } of this.#waiting.splice(0)) this.#pass(chosen, value, accepted, failed)
  }

  #pass(chosen: OutboundChannel, value: unknown, accepted: () => void, failed: (error: unknown) => void): void {
    try {
      const sent = chosen.send(value)
      if (sent) sent.then(accepted, failed)
      else accepted()
    } catch (error) {
      failed(error)
    }
  }
}
