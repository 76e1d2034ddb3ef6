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
  return wordTest(search)(entry)
}

/**
 * Makes what tells whether a line has the words that are wanted, and none that is not. For words of plain letters, which nearly all
 * are, the engine looks at the line as it is: with a copy of each in lower case 200,000 lines took three times as long.
 */
export function wordTest({ wanted, unwanted, nodes }: Search): (entry: LogEntry) => boolean {
  const has = [
    ...wanted.map((word) => ({ find: finder(word), isWanted: true })),
    ...unwanted.map((word) => ({ find: finder(word), isWanted: false })),
  ]
  return (entry) => {
    if (nodes.length > 0) {
      const node = entry.node?.toLowerCase() ?? ''
      if (!nodes.every((name) => node.includes(name))) return false
    }
    for (const { find, isWanted } of has) if (find(entry) !== isWanted) return false
    return true
  }
}

const plainWord = /^[\u0021-\u007e]+$/u

function finder(word: string): (entry: LogEntry) => boolean {
  // A word with a space may begin in the name of the node and end in the text.
  if (!plainWord.test(word)) return (entry) => haystackOf(entry).toLowerCase().includes(word)
  const expression = new RegExp(word.replaceAll(/[$()*+.?[\\\]^{|}\-/]/gu, String.raw`\$&`), 'i')
  // Lines come from few nodes: whether a name has the word is asked once.
  const known = new Map<string, Map<string | undefined, boolean>>()
  const isInName = ({ instance, node }: LogEntry) => {
    const ofInstance = known.get(instance) ?? new Map<string | undefined, boolean>()
    known.set(instance, ofInstance)
    const found = ofInstance.get(node) ?? (expression.test(instance) || (node !== undefined && expression.test(node)))
    ofInstance.set(node, found)
    return found
  }
  return (entry) => expression.test(entry.text) || isInName(entry)
}
