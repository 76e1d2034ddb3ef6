import type { TaggedMessage, TappedMessage } from '../../shared/index.ts'

/** A message that was seen on a wire, numbered by this window. */
export interface SeenMessage extends TappedMessage {
  key: number
}

/** The window keeps this many messages, or as many as make this many bytes. */
export const messageCapacity = 5_000
const byteCapacity = 32 * 1024 * 1024

/** Keeps the newest messages that were seen, bounded by count and by bytes; while it is paused, what is shown stands still. */
export class MessageBuffer {
  readonly #capacity: number
  readonly #byteCapacity: number
  #messages: SeenMessage[] = []
  #bytes = 0
  #nextKey = 1
  #held: readonly SeenMessage[] | undefined
  #heldUpTo = 0

  constructor(capacity = messageCapacity, bytes = byteCapacity) {
    this.#capacity = capacity
    this.#byteCapacity = bytes
  }

  /** What is shown, oldest first. */
  get shown(): readonly SeenMessage[] {
    return this.#held ?? this.#messages
  }

  /** How many have come since it was paused. */
  get waiting(): number {
    return this.#held ? this.#nextKey - 1 - this.#heldUpTo : 0
  }

  get isPaused(): boolean {
    return this.#held !== undefined
  }

  /** Adds what was seen, in the order of time; old ones make room. */
  add(messages: readonly TappedMessage[]): void {
    if (messages.length === 0) return
    const fresh = messages.map((message): SeenMessage => ({ ...message, key: this.#nextKey++ }))
    for (const { bytes } of fresh) this.#bytes += bytes
    // Each wire hands over batches of its own, so those of several are a little out of order.
    const all = this.#messages.concat(fresh).sort((one, other) => one.timeMs - other.timeMs || one.key - other.key)
    let gone = Math.max(0, all.length - this.#capacity)
    for (const { bytes } of all.slice(0, gone)) this.#bytes -= bytes
    while (this.#bytes > this.#byteCapacity && gone < all.length - 1) this.#bytes -= all[gone++]?.bytes ?? 0
    this.#messages = all.slice(gone)
  }

  /** Lets what is shown stand still, from the first call on; what comes is kept and counted. */
  pause(): void {
    if (this.#held) return
    this.#held = this.#messages
    this.#heldUpTo = this.#nextKey - 1
  }

  /** Shows the newest again. */
  resume(): void {
    this.#held = undefined
  }

  /** Forgets all of them. */
  clear(): void {
    this.#messages = []
    this.#bytes = 0
    if (this.#held) this.#held = []
    this.#heldUpTo = this.#nextKey - 1
  }
}

/** Whether a message holds all these words, in what is known of it; `-word` must not be in it. */
export function messagePasses(message: SeenMessage, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const text = `${message.instance} ${message.wire} ${message.kind} ${message.preview}`.toLowerCase()
  return words.every((word) =>
    word.startsWith('-') && word.length > 1 ? !text.includes(word.slice(1)) : text.includes(word),
  )
}

/** Messages as lines of JSON, or as CSV. */
export function exportMessages(messages: readonly SeenMessage[], format: 'jsonl' | 'csv'): string {
  if (format === 'jsonl') return messages.map(({ key: _key, ...message }) => `${JSON.stringify(message)}\n`).join('')
  const quoted = (text: string) => `"${text.replace(/^[=+\-@]/u, "'$&").replaceAll('"', '""')}"`
  const rows = messages.map(({ timeMs, instance, wire, kind, bytes, message, preview }) =>
    [
      new Date(timeMs).toISOString(),
      quoted(instance),
      quoted(wire),
      kind,
      bytes,
      quoted(bodyOf(message) ?? preview),
    ].join(','),
  )
  return `${['time,instance,wire,kind,bytes,message', ...rows].join('\r\n')}\r\n`
}

function bodyOf(message: TaggedMessage | { type: string; data?: unknown } | undefined): string | undefined {
  return message && JSON.stringify(message.data)
}
