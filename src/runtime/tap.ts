import { inferKind } from '../shared/index.ts'
import { previewMessage } from './preview.ts'

const defaultPerSecond = 50
const windowMs = 100

/** How much a tap shows. */
export interface TapOptions {
  /** Messages shown in a second at most. Default 50. */
  perSecond?: number
}

/** A message that a tap shows. */
export interface TappedValue {
  /** Counts the messages since the tap was opened. */
  number: number
  /** Messages since the one shown before that were not shown. */
  notShown: number
  bytes: number
  kind: string
  preview: string
  value: unknown
  /** The trace that it is a part of, if it is followed. */
  traceId?: string
}

/** Shows some of the messages that pass, never more than its bound, and counts the rest. */
export class Tap {
  readonly #perWindow: number
  readonly #windowMs: number
  readonly #now: () => number
  readonly #show: (message: TappedValue) => void
  #number = 0
  #notShown = 0
  #shown = 0
  #windowEndsMs = -Infinity

  constructor({ perSecond = defaultPerSecond }: TapOptions, now: () => number, show: (message: TappedValue) => void) {
    // Few a second get longer windows rather than a fraction of a message.
    this.#perWindow = Math.max(1, Math.round((perSecond * windowMs) / 1_000))
    this.#windowMs = (this.#perWindow * 1_000) / perSecond
    this.#now = now
    this.#show = show
  }

  /** Takes note of a message, and of its trace if it is followed. */
  see(value: unknown, bytes: number, traceId?: string): void {
    this.#number++
    if (this.#shown >= this.#perWindow) {
      const nowMs = this.#now()
      if (nowMs < this.#windowEndsMs) {
        this.#notShown++
        return
      }
      this.#shown = 0
    }
    if (this.#shown === 0) this.#windowEndsMs = this.#now() + this.#windowMs
    this.#shown++
    const notShown = this.#notShown
    this.#notShown = 0
    this.#show({
      number: this.#number,
      notShown,
      bytes,
      kind: inferKind(value),
      preview: previewMessage(value),
      value,
      ...(traceId !== undefined && { traceId }),
    })
  }
}
