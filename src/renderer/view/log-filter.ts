import { logLevels, type LogEntry, type LogLevel } from '../../shared/index.ts'

/** Which log lines to show. */
export interface LogFilter {
  levels: ReadonlySet<LogLevel>
  /** Only this instance; all when absent. */
  instance?: string
  /** Only this node; all when absent. */
  node?: string
  /**
   * Words that a line must hold, `-word` that it must not, `node:name` for where it comes from, "quotes" around spaces,
   * `/expression/` for a regular expression.
   */
  text: string
}

/** Lets every line pass. */
export const emptyLogFilter: LogFilter = { levels: new Set(logLevels), text: '' }

/** A regular expression of a filter; lines that match are wanted, or left out. */
export interface Pattern {
  source: string
  flags: string
  isUnwanted: boolean
}

/** The words of a filter, in lower case, and its regular expressions, which are not tried here: they may take for ever. */
export interface Search {
  wanted: readonly string[]
  unwanted: readonly string[]
  nodes: readonly string[]
  patterns: readonly Pattern[]
}

/** Reads what a person typed into the filter box; there is no wrong input, an open slash is a word. */
export function parseSearch(text: string): Search {
  const search = {
    wanted: [] as string[],
    unwanted: [] as string[],
    nodes: [] as string[],
    patterns: [] as Pattern[],
  }
  const parts = /(-?)(?:\/((?:\\.|[^/\\])+)\/([imsuv]{0,4})(?=\s|$)|"([^"]*)"?|(\S+))/gu
  for (const [, minus = '', source, flags = '', quoted, bare = ''] of text.matchAll(parts)) {
    const isUnwanted = minus === '-'
    if (source !== undefined) {
      search.patterns.push({ source, flags: flags === '' ? 'i' : flags, isUnwanted })
      continue
    }
    const word = (quoted ?? bare).toLowerCase()
    if (word === '') continue
    if (isUnwanted) search.unwanted.push(word)
    else if (quoted === undefined && word.startsWith('node:')) search.nodes.push(word.slice('node:'.length))
    else search.wanted.push(word)
  }
  return search
}

/** Why an expression is none, in the words of the engine; `undefined` when it is one. */
export function faultOf({ source, flags }: Pattern): string | undefined {
  try {
    // The flag g would make it remember where it was.
    void new RegExp(source, flags.replaceAll(/[gy]/gu, ''))
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^Invalid regular expression: /u, '') : String(error)
  }
}

/** What the words and expressions of a filter are looked for in. */
export function haystackOf(entry: LogEntry): string {
  return `${entry.instance} ${entry.node ?? ''} ${entry.text}`
}

/** Whether a line passes all but the regular expressions; `search` is the parsed text of the filter. */
export function matches(entry: LogEntry, filter: LogFilter, search: Search): boolean {
  return isInScope(entry, filter) && hasWords(entry, search)
}

/** Whether a line is of a level, an instance and a node that are shown. */
export function isInScope(entry: LogEntry, filter: LogFilter): boolean {
  return (
    filter.levels.has(entry.level) &&
    (filter.instance === undefined || entry.instance === filter.instance) &&
    (filter.node === undefined || entry.node === filter.node)
  )
}

/** Whether a line has the words that are wanted, and none that is not. */
export function hasWords(entry: LogEntry, search: Search): boolean {
  const node = entry.node?.toLowerCase() ?? ''
  if (!search.nodes.every((name) => node.includes(name))) return false
  if (search.wanted.length === 0 && search.unwanted.length === 0) return true
  const line = haystackOf(entry).toLowerCase()
  return search.wanted.every((word) => line.includes(word)) && !search.unwanted.some((word) => line.includes(word))
}
