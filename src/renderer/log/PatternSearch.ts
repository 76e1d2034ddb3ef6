import type { LogEntry } from '../../shared/index.ts'
import { haystackOf, type Pattern } from '../view/log-filter.ts'
import { placeAfter } from '../view/log-rows.ts'
import type { HandedLines, PatternAnswer, PatternQuestion } from './PatternLines.ts'

/** What a worker has to be for this: it answers each question, in order. */
export interface PatternThread {
  postMessage(question: PatternQuestion, transfer: ArrayBufferLike[]): void
  onAnswer(listener: (answer: PatternAnswer) => void): void
  terminate(): void
}

/** How far a search is. */
export type PatternState = 'searching' | 'done' | 'too slow'

const batchLines = 10_000
/** An expression that needs longer than this for one batch is given up: simple ones take a hundredth of it. */
export const patternLimitMs = 1_500
/** One that nobody wants any more is not waited for as long. */
const unwantedLimitMs = 150
/** What is found is shown this often while more is looked for: each time, all lines are gone through. */
const showMs = 150
/** So long after the last search the thread and its copy of the lines are let go. */
const restMs = 60_000

/**
 * Finds the lines that regular expressions let pass, on a thread of its own which is ended when it takes too long. The thread keeps
 * the lines, and each goes over once; `changed` is called whenever more is known.
 */
export class PatternSearch {
  readonly #start: () => PatternThread
  readonly #lines: () => readonly LogEntry[]
  readonly #changed: (state: PatternState) => void
  readonly #limitMs: number
  #thread: PatternThread | undefined
  /** How many lines this thread was ever given, the sequence of the last, and how many of them have been looked through. */
  #handed = 0
  #handedTo = -1
  #searched = 0
  #search = 0
  #patterns: readonly Pattern[] = []
  #passed = new Set<number>()
  /** The search that the thread is asked for now. */
  #asked: number | undefined
  #limit: ReturnType<typeof setTimeout> | undefined
  #rest: ReturnType<typeof setTimeout> | undefined
  #shownAtMs = 0
  #isDone = false
  #hasNews = false

  /** `lines` tells all lines kept, oldest first, by growing sequences. */
  constructor(
    start: () => PatternThread,
    lines: () => readonly LogEntry[],
    changed: (state: PatternState) => void,
    limitMs = patternLimitMs,
  ) {
    this.#start = start
    this.#lines = lines
    this.#changed = changed
    this.#limitMs = limitMs
  }

  /** Whether the line of this sequence is known to pass. */
  readonly passes = (sequence: number): boolean => this.#passed.has(sequence)

  /** Looks for other expressions, in all lines; for none, what was looked for is given up. */
  search(patterns: readonly Pattern[]): void {
    this.#search += 1
    this.#patterns = patterns
    this.#passed = new Set()
    this.#isDone = false
    this.#searched = this.#handed - placeAfter(this.#lines(), this.#handedTo)
    this.#shownAtMs = Date.now()
    clearTimeout(this.#rest)
    if (this.#asked !== undefined) this.#limitTo(unwantedLimitMs)
    if (patterns.length === 0) this.#rest = setTimeout(() => this.stop(), restMs)
    else {
      this.#changed('searching')
      if (this.#asked === undefined) this.#next()
    }
  }

  /** Looks through lines that have come since. */
  more(): void {
    if (this.#patterns.length > 0 && this.#asked === undefined) this.#next()
  }

  /** Forgets all lines, as for another lab that counts them anew; what is looked for stays. */
  forget(): void {
    this.#end()
    this.#passed = new Set()
  }

  /** Ends the thread, and looks for nothing more; safe to call twice. */
  stop(): void {
    clearTimeout(this.#rest)
    this.#end()
    this.#patterns = []
  }

  #end(): void {
    clearTimeout(this.#limit)
    this.#thread?.terminate()
    this.#thread = undefined
    this.#asked = undefined
    this.#handed = 0
    this.#handedTo = -1
    this.#searched = 0
  }

  /** Asks for the next batch: first of the lines that the thread has, then of those it has not. */
  #next(): void {
    const from = this.#searched
    const handed = from < this.#handed ? undefined : this.#hand()
    const to = Math.min(this.#handed, from + batchLines)
    if (from === to) return this.#tellDone()
    const thread = (this.#thread ??= this.#startThread())
    this.#searched = to
    this.#asked = this.#search
    this.#limitTo(this.#limitMs)
    const question = { search: this.#search, patterns: this.#patterns, from, to }
    if (handed) thread.postMessage({ ...question, handed }, [handed.ends.buffer, handed.sequences.buffer])
    else thread.postMessage(question, [])
  }

  /** The next lines that the thread has not been given. */
  #hand(): HandedLines | undefined {
    const lines = this.#lines()
    const first = placeAfter(lines, this.#handedTo)
    const batch = lines.slice(first, first + batchLines)
    if (batch.length === 0) return undefined
    const texts = batch.map(haystackOf)
    let end = 0
    this.#handed += batch.length
    this.#handedTo = batch.at(-1)?.sequence ?? this.#handedTo
    return {
      text: texts.join(''),
      ends: Uint32Array.from(texts, ({ length }) => (end += length)),
      sequences: Float64Array.from(batch, ({ sequence }) => sequence),
      oldest: lines[0]?.sequence ?? 0,
    }
  }

  #startThread(): PatternThread {
    const thread = this.#start()
    thread.onAnswer(({ passed }) => {
      if (thread !== this.#thread) return
      clearTimeout(this.#limit)
      const isWanted = this.#asked === this.#search
      this.#asked = undefined
      if (isWanted) {
        for (const sequence of passed) this.#passed.add(sequence)
        this.#hasNews ||= passed.length > 0
      }
      if (this.#patterns.length > 0) this.#next()
      if (this.#asked !== undefined) this.#tellMore()
    })
    return thread
  }

  #tellMore(): void {
    if (this.#isDone || Date.now() - this.#shownAtMs < showMs) return
    this.#changed('searching')
    this.#shownAtMs = Date.now()
  }

  /** Of lines that came later and do not pass there is nothing to tell. */
  #tellDone(): void {
    if (this.#isDone && !this.#hasNews) return
    this.#isDone = true
    this.#hasNews = false
    this.#changed('done')
  }

  #limitTo(limitMs: number): void {
    clearTimeout(this.#limit)
    this.#limit = setTimeout(() => this.#giveUp(), limitMs)
  }

  #giveUp(): void {
    const isWanted = this.#asked === this.#search
    this.#end()
    if (isWanted) {
      this.#patterns = []
      this.#changed('too slow')
    } else if (this.#patterns.length > 0) this.#next()
  }
}

/** A real thread. */
export function startPatternThread(): PatternThread {
  const worker = new Worker(new URL('pattern-worker.ts', import.meta.url), { type: 'module' })
  return {
    postMessage: (question, transfer) => worker.postMessage(question, { transfer: transfer as ArrayBuffer[] }),
    onAnswer: (listener) =>
      worker.addEventListener('message', (event: MessageEvent<PatternAnswer>) => listener(event.data)),
    terminate: () => worker.terminate(),
  }
}
