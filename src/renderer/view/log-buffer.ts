import { logLevels, type LogEntry, type LogLevel } from '../../shared/index.ts'
import { emptyLogFilter, isInScope, parseSearch, wordTest, type LogFilter, type Search } from './log-filter.ts'

/** The window keeps this many lines. */
export const lineCapacity = 200_000

/** `filter`: only lines that match. `find`: all lines in scope, and which of them match. */
export type LogMode = 'filter' | 'find'

/** How lines are looked through. */
export interface LogView {
  mode: LogMode
  filter: LogFilter
  /** This many lines before and after each match are shown too, in the mode `filter`. */
  context: number
  /** Lines that the regular expressions of the filter let pass, by sequence; absent when it has none. */
  passesPatterns?: (sequence: number) => boolean
}

const wholeView: LogView = { mode: 'filter', filter: emptyLogFilter, context: 0 }

/** Keeps the newest log lines and those of them that pass a filter, without looking at old lines again for each new one. */
export class LogBuffer {
  readonly #capacity: number
  #lines: LogEntry[] = []
  #shown: LogEntry[] = []
  /** Sequences of the shown lines that match, ascending. In the mode `filter` without context these are all shown lines. */
  #hits: number[] = []
  #view: LogView = wholeView
  #search: Search = parseSearch('')
  #hasWords = wordTest(parseSearch(''))
  #counts = noCounts()

  constructor(capacity = lineCapacity) {
    this.#capacity = capacity
  }

  /** All lines kept, oldest first. */
  get lines(): readonly LogEntry[] {
    return this.#lines
  }

  /** The lines to show, oldest first; a new array whenever they change. */
  get shown(): readonly LogEntry[] {
    return this.#shown
  }

  /** The sequences of shown lines that match, ascending; none while nothing is looked for. */
  get hits(): readonly number[] {
    return this.#hits
  }

  /** How many of the lines kept are of each level. */
  get counts(): Readonly<Record<LogLevel, number>> {
    return this.#counts
  }

  /** Adds lines that are newer than those kept; ones that are already there are passed over. Says how many old shown lines went. */
  append(entries: readonly LogEntry[]): { dropped: number; added: readonly LogEntry[] } {
    const newest = this.#lines.at(-1)?.sequence ?? -1
    const fresh = entries.filter(({ sequence }) => sequence > newest)
    if (fresh.length === 0) return { dropped: 0, added: [] }
    const counts = { ...this.#counts }
    for (const { level } of fresh) counts[level] += 1
    const lines = this.#lines.concat(fresh)
    const gone = lines.splice(0, Math.max(0, lines.length - this.#capacity))
    for (const { level } of gone) counts[level] -= 1
    this.#lines = lines
    this.#counts = counts
    return { dropped: this.#showFresh(fresh, lines[0]?.sequence ?? 0), added: fresh }
  }

  /** Shows what a view of the lines shows. */
  setView(view: LogView): void {
    this.#view = view
    this.#search = parseSearch(view.filter.text)
    this.#hasWords = wordTest(this.#search)
    this.#showAll()
  }

  /** Forgets everything, as for another lab. */
  clear(): void {
    this.#lines = []
    this.#shown = []
    this.#hits = []
    this.#counts = noCounts()
  }

  get #looksForSomething(): boolean {
    const { wanted, unwanted, nodes, patterns } = this.#search
    return wanted.length + unwanted.length + nodes.length + patterns.length > 0
  }

  #isHit(entry: LogEntry): boolean {
    return this.#hasWords(entry) && (this.#view.passesPatterns?.(entry.sequence) ?? true)
  }

  #showAll(): void {
    const scope = this.#lines.filter((entry) => isInScope(entry, this.#view.filter))
    if (!this.#looksForSomething) {
      this.#shown = scope
      this.#hits = []
      return
    }
    const hits = scope.filter((entry) => this.#isHit(entry))
    this.#hits = hits.map(({ sequence }) => sequence)
    if (this.#view.mode === 'find') this.#shown = scope
    else this.#shown = this.#view.context === 0 ? hits : withContext(scope, new Set(this.#hits), this.#view.context)
  }

  #showFresh(fresh: readonly LogEntry[], oldest: number): number {
    // Context reaches back over lines that had not been shown, so it is found anew.
    if (this.#looksForSomething && this.#view.mode === 'filter' && this.#view.context > 0) {
      const before = this.#shown
      this.#showAll()
      return droppedFrom(before, oldest)
    }
    const scope = fresh.filter((entry) => entry.sequence >= oldest && isInScope(entry, this.#view.filter))
    const hits = this.#looksForSomething ? scope.filter((entry) => this.#isHit(entry)) : []
    const passing = this.#looksForSomething && this.#view.mode === 'filter' ? hits : scope
    const dropped = droppedFrom(this.#shown, oldest)
    if (dropped > 0 || passing.length > 0) this.#shown = this.#shown.slice(dropped).concat(passing)
    const goneHits = this.#hits.findIndex((sequence) => sequence >= oldest)
    const kept = goneHits === -1 ? [] : goneHits === 0 ? this.#hits : this.#hits.slice(goneHits)
    if (kept !== this.#hits || hits.length > 0) this.#hits = kept.concat(hits.map(({ sequence }) => sequence))
    return dropped
  }
}

/** The lines around each match, in order and each once. */
function withContext(lines: readonly LogEntry[], hits: ReadonlySet<number>, context: number): LogEntry[] {
  const shown: LogEntry[] = []
  let shownUpTo = -1
  for (const [place, { sequence }] of lines.entries()) {
    if (!hits.has(sequence)) continue
    const from = Math.max(shownUpTo + 1, place - context)
    const to = Math.min(lines.length - 1, place + context)
    shown.push(...lines.slice(from, to + 1))
    shownUpTo = Math.max(shownUpTo, to)
  }
  return shown
}

function droppedFrom(shown: readonly LogEntry[], oldest: number): number {
  if ((shown[0]?.sequence ?? oldest) >= oldest) return 0
  const first = shown.findIndex(({ sequence }) => sequence >= oldest)
  return first === -1 ? shown.length : first
}

function noCounts(): Record<LogLevel, number> {
  return Object.fromEntries(logLevels.map((level) => [level, 0])) as Record<LogLevel, number>
}
