import { logLevels, type LogEntry, type LogLevel } from '../../shared/index.ts'

/** Which log lines to show. */
export interface LogFilter {
  levels: ReadonlySet<LogLevel>
  /** Only this instance; all when absent. */
  instance?: string
  /** Words that a line must hold, `-word` that it must not, `node:name` for where it comes from, "quotes" around spaces. */
  text: string
}

/** Lets every line pass. */
export const emptyLogFilter: LogFilter = { levels: new Set(logLevels), text: '' }

/** The words of a filter, in lower case. */
export interface Search {
  wanted: readonly string[]
  unwanted: readonly string[]
  nodes: readonly string[]
}

/** Reads what a person typed into the filter box; there is no wrong input. */
export function parseSearch(text: string): Search {
  const search = { wanted: [] as string[], unwanted: [] as string[], nodes: [] as string[] }
  for (const [, minus = '', quoted, bare = ''] of text.toLowerCase().matchAll(/(-?)(?:"([^"]*)"?|(\S+))/gu)) {
    const word = quoted ?? bare
    if (word === '') continue
    if (minus === '-') search.unwanted.push(word)
    else if (quoted === undefined && word.startsWith('node:')) search.nodes.push(word.slice('node:'.length))
    else search.wanted.push(word)
  }
  return search
}

/** Whether a line passes; `search` is the parsed text of the filter. */
export function matches(entry: LogEntry, filter: LogFilter, search: Search): boolean {
  if (!filter.levels.has(entry.level)) return false
  if (filter.instance !== undefined && entry.instance !== filter.instance) return false
  const node = entry.node?.toLowerCase() ?? ''
  if (!search.nodes.every((name) => node.includes(name))) return false
  if (search.wanted.length === 0 && search.unwanted.length === 0) return true
  const line = `${entry.instance} ${entry.node ?? ''} ${entry.text}`.toLowerCase()
  return search.wanted.every((word) => line.includes(word)) && !search.unwanted.some((word) => line.includes(word))
}
