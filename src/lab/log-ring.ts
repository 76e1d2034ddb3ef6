import type { LogEntry, LogLevel } from '../shared/index.ts'
import { logLevels } from '../shared/index.ts'

/** What a log line is before the ring numbers it. */
export type NewLogEntry = Omit<LogEntry, 'sequence'>

const defaults = { maxEntries: 50_000, maxBytes: 16 * 1024 * 1024 }
const maxTextLength = 8_192

/** Keeps the newest log lines of a lab, bounded by count and by bytes; older ones fall out. */
export class LogRing {
  readonly #maxEntries: number
  readonly #maxBytes: number
  #entries: LogEntry[] = []
  #first = 0
  #bytes = 0
  #sequence = 0

  constructor(bounds: { maxEntries?: number; maxBytes?: number } = {}) {
    this.#maxEntries = bounds.maxEntries ?? defaults.maxEntries
    this.#maxBytes = bounds.maxBytes ?? defaults.maxBytes
  }

  /** Lines held now. */
  get length(): number {
    return this.#entries.length - this.#first
  }

  /** Adds a line and gives it its number; a text over 8,192 characters is cut, saying so. */
  add(line: NewLogEntry): LogEntry {
    const text =
      line.text.length > maxTextLength
        ? `${line.text.slice(0, maxTextLength)}… (${line.text.length} characters)`
        : line.text
    const entry: LogEntry = { ...line, text, sequence: ++this.#sequence }
    this.#entries.push(entry)
    this.#bytes += sizeOf(entry)
    while (this.length > this.#maxEntries || (this.#bytes > this.#maxBytes && this.length > 1)) this.#dropOldest()
    return entry
  }

  /** The newest lines that match, oldest first. */
  recent(query: { limit: number; level?: LogLevel | undefined; instance?: string | undefined }): LogEntry[] {
    const lowest = query.level === undefined ? 0 : logLevels.indexOf(query.level)
    const found: LogEntry[] = []
    for (let index = this.#entries.length - 1; index >= this.#first && found.length < query.limit; index--) {
      const entry = this.#entries[index]
      if (entry === undefined || logLevels.indexOf(entry.level) < lowest) continue
      if (query.instance === undefined || entry.instance === query.instance) found.push(entry)
    }
    return found.reverse()
  }

  #dropOldest(): void {
    const oldest = this.#entries[this.#first++]
    if (oldest !== undefined) this.#bytes -= sizeOf(oldest)
    // Moving the rest once per thousands of lines is cheaper than shifting on each.
    if (this.#first > 4_096 && this.#first > this.#entries.length / 2) {
      this.#entries = this.#entries.slice(this.#first)
      this.#first = 0
    }
  }
}

function sizeOf(entry: LogEntry): number {
  return 2 * (entry.text.length + entry.instance.length + (entry.node?.length ?? 0)) + 64
}
