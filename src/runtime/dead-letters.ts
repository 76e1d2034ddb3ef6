import type { DeadLetter } from '../shared/index.ts'
import { previewMessage } from './preview.ts'
import { Ring } from './ring.ts'

const maxReasonLength = 1_000

/** How many dead letters are kept, and how many bytes of them. */
export interface DeadLetterLimit {
  count: number
  bytes: number
}

/** 1,000 letters, 16 MiB. */
export const defaultDeadLetterLimit: DeadLetterLimit = { count: 1_000, bytes: 16 * 1024 * 1024 }

/** What is known of a message that could not be delivered or processed. */
export interface Undeliverable {
  code: string
  reason: string
  node: string
  port: string
  source?: string | undefined
  value: unknown
}

/** Keeps the newest dead letters within its limit and counts all of them. */
export class DeadLetters {
  /** All there ever were, those no longer kept included. */
  total = 0
  readonly #letters = new Ring<DeadLetter>()
  #bytes = 0
  readonly #limit: DeadLetterLimit
  readonly #now: () => number

  constructor(limit: DeadLetterLimit, now: () => number) {
    this.#limit = limit
    this.#now = now
  }

  add({ code, reason, node, port, source, value }: Undeliverable): DeadLetter {
    this.total++
    const letter: DeadLetter = {
      sequence: this.total,
      timeMs: this.#now(),
      code,
      reason: reason.slice(0, maxReasonLength),
      node,
      port,
      ...(source === undefined ? {} : { source }),
      preview: previewMessage(value),
    }
    this.#letters.push(letter)
    this.#bytes += bytesOf(letter)
    this.#trim()
    return letter
  }

  /** Those kept, oldest first. */
  toArray(): DeadLetter[] {
    return this.#letters.toArray()
  }

  #trim(): void {
    while (this.#letters.length > this.#limit.count || this.#bytes > this.#limit.bytes) {
      const oldest = this.#letters.shift()
      if (oldest === undefined) return
      this.#bytes -= bytesOf(oldest)
    }
  }
}

function bytesOf({ reason, preview, node, port, source = '' }: DeadLetter): number {
  return 120 + 2 * (reason.length + preview.length + node.length + port.length + source.length)
}
