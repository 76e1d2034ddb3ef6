import type { NewLogEntry } from './log-ring.ts'

/** Longer than an instance gathers its lines before it sends them. */
const holdMs = 150

/** Puts the lines of several instances, which arrive in batches, into the order of their times: each is held for a moment. */
export class LogMerge {
  readonly #keep: (entry: NewLogEntry) => void
  #held: NewLogEntry[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(keep: (entry: NewLogEntry) => void) {
    this.#keep = keep
  }

  add(entry: NewLogEntry): void {
    this.#held.push(entry)
    this.#timer ??= setTimeout(() => this.flush(), holdMs)
  }

  /** Lets go of everything that is held. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    // Sorting is stable: lines of one instance and one millisecond keep their order.
    const ready = this.#held.sort((one, other) => one.timeMs - other.timeMs)
    this.#held = []
    for (const entry of ready) this.#keep(entry)
  }
}
