/** What a stream yields: numbered, so that the consumer can say that it has shown it. */
export interface Batch<Item> {
  stream: string
  number: number
  /** Items since the last batch that were not kept for this consumer. */
  notShown: number
  items: Item[]
}

/** How what has not been taken yet is kept: `latest` keeps the newest item per key, `newest` the newest `limit` items. */
export type Backlog<Item> = { keep: 'latest'; keyOf: (item: Item) => string } | { keep: 'newest'; limit: number }

/** How long a stream rests after each batch, unless it is told otherwise: ten batches a second are what any window can show. */
const usualRestMs = 100

/**
 * Streams to windows with back pressure, which oRPC's event iterators lack: a batch goes out only after the one before was
 * acknowledged and the stream has rested (`restMs`); meanwhile the backlog merges or counts what it does not keep.
 */
export class AcknowledgedStreams {
  readonly #waiting = new Map<string, { number: number; acknowledged: () => void }>()
  #lastId = 0

  /** Says that batch `number` of a stream has been shown. Late or unknown numbers are ignored: the stream may have ended. */
  acknowledge(stream: string, number: number): void {
    const waiting = this.#waiting.get(stream)
    if (waiting?.number === number) waiting.acknowledged()
  }

  /** Opens a stream over a source; `subscribe` returns its undo, which is called when the consumer leaves or `signal` aborts. */
  async *open<Item>(
    subscribe: (push: (item: Item) => void, missed: (count: number) => void) => () => void,
    backlog: Backlog<Item>,
    signal: AbortSignal | undefined,
    { restMs = () => usualRestMs }: { restMs?: (items: readonly Item[]) => number } = {},
  ): AsyncGenerator<Batch<Item>, void, void> {
    const stream = `s${++this.#lastId}`
    const pending = new Pending(backlog)
    const isAborted = () => signal?.aborted === true
    // One bell for everything that may end a wait: racing promises against a long-lived one would keep every loser in memory.
    const bell = new Bell()
    const ring = () => bell.ring()
    const unsubscribe = subscribe(
      (item) => {
        pending.push(item)
        bell.ring()
      },
      (count) => pending.missed(count),
    )
    signal?.addEventListener('abort', ring, { once: true })
    try {
      for (let number = 1; ; number++) {
        await bell.until(() => isAborted() || !pending.isEmpty)
        if (isAborted()) return
        let ready = { acknowledged: false, rested: false }
        const taken = pending.take()
        const rest = setTimeout(() => {
          ready = { ...ready, rested: true }
          bell.ring()
        }, restMs(taken.items))
        const acknowledged = () => {
          ready = { ...ready, acknowledged: true }
          bell.ring()
        }
        this.#waiting.set(stream, { number, acknowledged })
        try {
          yield { stream, number, ...taken }
          await bell.until(() => isAborted() || (ready.acknowledged && ready.rested))
        } finally {
          clearTimeout(rest)
        }
      }
    } finally {
      signal?.removeEventListener('abort', ring)
      this.#waiting.delete(stream)
      unsubscribe()
    }
  }
}

class Bell {
  #wake: (() => void) | undefined

  ring(): void {
    this.#wake?.()
  }

  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#wake = undefined
  }
}

class Pending<Item> {
  readonly #backlog: Backlog<Item>
  #items: Item[] = []
  #byKey = new Map<string, Item>()
  #notShown = 0

  constructor(backlog: Backlog<Item>) {
    this.#backlog = backlog
  }

  push(item: Item): void {
    if (this.#backlog.keep === 'latest') {
      this.#byKey.set(this.#backlog.keyOf(item), item)
    } else {
      this.#items.push(item)
      if (this.#items.length > this.#backlog.limit * 2) this.#trim(this.#backlog.limit)
    }
  }

  /** Counts items that did not even come here; told with the next one that does. */
  missed(count: number): void {
    this.#notShown += count
  }

  get isEmpty(): boolean {
    return this.#items.length + this.#byKey.size === 0
  }

  take(): { items: Item[]; notShown: number } {
    if (this.#backlog.keep === 'newest') this.#trim(this.#backlog.limit)
    const taken = { items: [...this.#items, ...this.#byKey.values()], notShown: this.#notShown }
    this.#items = []
    this.#byKey = new Map()
    this.#notShown = 0
    return taken
  }

  #trim(limit: number): void {
    const over = this.#items.length - limit
    if (over <= 0) return
    this.#items = this.#items.slice(over)
    this.#notShown += over
  }
}
