import { MillraceError, type DeadLetter } from '../shared/index.ts'
import { estimateBytes } from './message-size.ts'
import { previewMessage } from './preview.ts'

const maxReasonLength = 1_000
/** The part of all bytes that one message may take; of a larger one only the letter is kept. */
const largestShare = 1 / 16

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

/** A dead letter with the message itself, as long as it is kept. */
export interface KeptLetter {
  readonly letter: DeadLetter
  /** `undefined` for a message that is too large to be kept beside its letter. */
  readonly message: { readonly value: unknown } | undefined
  readonly bytes: number
}

/** Keeps the newest dead letters within its limit, their messages included, and counts all of them. */
export class DeadLetters {
  /** All there ever were, those no longer kept included. */
  total = 0
  /** By sequence, so oldest first. */
  readonly #kept = new Map<number, KeptLetter>()
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
    const size = sizeOf(value)
    const message = size > this.#limit.bytes * largestShare ? undefined : { value }
    const bytes = bytesOf(letter) + (message === undefined ? 0 : size)
    this.#kept.set(letter.sequence, { letter, message, bytes })
    this.#bytes += bytes
    this.#trim()
    return letter
  }

  /** Those kept, oldest first. */
  toArray(): DeadLetter[] {
    return Array.from(this.#kept.values(), ({ letter }) => letter)
  }

  /** Throws `MESSAGE_GONE` for one that is not kept. */
  get(sequence: number): KeptLetter {
    const kept = this.#kept.get(sequence)
    if (kept !== undefined) return kept
    throw new MillraceError(
      'MESSAGE_GONE',
      `the dead letter ${sequence} is no longer kept: it was retried, dropped, or had to make room for newer ones`,
    )
  }

  /** Takes one out. Throws `MESSAGE_GONE` for one that is not kept. */
  take(sequence: number): KeptLetter {
    const kept = this.get(sequence)
    this.#kept.delete(sequence)
    this.#bytes -= kept.bytes
    return kept
  }

  #trim(): void {
    for (const sequence of this.#kept.keys()) {
      if (this.#kept.size <= this.#limit.count && this.#bytes <= this.#limit.bytes) return
      this.take(sequence)
    }
  }
}

function bytesOf({ reason, preview, node, port, source = '' }: DeadLetter): number {
  return 120 + 2 * (reason.length + preview.length + node.length + port.length + source.length)
}

function sizeOf(value: unknown): number {
  try {
    return estimateBytes(value)
  } catch {
    // What throws when it is looked at cannot be sent again either.
    return Infinity
  }
}
