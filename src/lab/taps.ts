import type { TappedMessage } from '../shared/index.ts'

/** Takes what a tap shows, and how many messages it does not. */
export interface TapListener {
  show(message: TappedMessage): void
  missed(count: number): void
}

/** What a tap looks at. */
export interface TapTarget {
  wire: string
  perSecond?: number | undefined
}

/** The taps that windows have on one instance; they stay when it stops, and look again when it runs. */
export class Taps {
  readonly #open = new Map<number, { target: TapTarget; listener: TapListener | undefined }>()
  #last = 0

  /** Those that are open, to be opened in an instance that starts. */
  entries(): { tap: number; target: TapTarget }[] {
    return Array.from(this.#open, ([tap, { target }]) => ({ tap, target }))
  }

  add(target: TapTarget): number {
    this.#last++
    this.#open.set(this.#last, { target, listener: undefined })
    return this.#last
  }

  listen(tap: number, listener: TapListener): void {
    const open = this.#open.get(tap)
    if (open !== undefined) open.listener = listener
  }

  delete(tap: number): void {
    this.#open.delete(tap)
  }

  receive(tap: number, items: readonly TappedMessage[], notShown: number): void {
    const listener = this.#open.get(tap)?.listener
    if (notShown > 0) listener?.missed(notShown)
    for (const item of items) listener?.show(item)
  }
}
