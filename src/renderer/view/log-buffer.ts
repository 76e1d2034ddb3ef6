import { logLevels, type LogEntry, type LogLevel } from '../../shared/index.ts'
import { emptyLogFilter, matches, parseSearch, type LogFilter, type Search } from './log-filter.ts'

/** The window keeps this many lines; the lab keeps more. */
export const lineCapacity = 20_000

/** Keeps the newest log lines and those of them that pass a filter, without looking at old lines again for each new one. */
export class LogBuffer {
  readonly #capacity: number
  #lines: LogEntry[] = []
  #shown: LogEntry[] = []
  #filter: LogFilter = emptyLogFilter
  #search: Search = parseSearch('')
  #counts = noCounts()

  constructor(capacity = lineCapacity) {
    this.#capacity = capacity
  }

  /** All lines kept, oldest first. */
  get lines(): readonly LogEntry[] {
    return this.#lines
  }

  /** The lines that pass the filter, oldest first; a new array whenever they change. */
  get shown(): readonly LogEntry[] {
    return this.#shown
  }

  /** How many of the lines kept are of each level. */
  get counts(): Readonly<Record<LogLevel, number>> {
    return this.#counts
  }

  /** Adds lines that are newer than those kept; ones that are already there are passed over. Says how many old shown lines went. */
  append(entries: readonly LogEntry[]): { dropped: number } {
    const newest = this.#lines.at(-1)?.sequence ?? -1
    const fresh = entries.filter(({ sequence }) => sequence > newest)
    if (fresh.length === 0) return { dropped: 0 }
    const counts = { ...this.#counts }
    for (const { level } of fresh) counts[level] += 1
    const lines = this.#lines.concat(fresh)
    const gone = lines.splice(0, Math.max(0, lines.length - this.#capacity))
    for (const { level } of gone) counts[level] -= 1
    this.#lines = lines
    this.#counts = counts
    return this.#showFresh(fresh, lines[0]?.sequence ?? 0)
  }

  /** Shows only what passes. */
  setFilter(filter: LogFilter): void {
    this.#filter = filter
    this.#search = parseSearch(filter.text)
    this.#shown = this.#lines.filter((entry) => matches(entry, filter, this.#search))
  }

  /** Forgets everything, as for another lab. */
  clear(): void {
    this.#lines = []
    this.#shown = []
    this.#counts = noCounts()
  }

  #showFresh(fresh: readonly LogEntry[], oldest: number): { dropped: number } {
    const passing = fresh.filter((entry) => matches(entry, this.#filter, this.#search))
    const firstKept = this.#shown.findIndex(({ sequence }) => sequence >= oldest)
    const dropped = firstKept === -1 ? this.#shown.length : firstKept
    if (dropped > 0 || passing.length > 0)
      this.#shown = this.#shown.slice(dropped).concat(passing.filter(({ sequence }) => sequence >= oldest))
    return { dropped }
  }
}

function noCounts(): Record<LogLevel, number> {
  return Object.fromEntries(logLevels.map((level) => [level, 0])) as Record<LogLevel, number>
}
