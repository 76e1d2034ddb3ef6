import type { LogEntry } from '../../shared/index.ts'
import { haystackOf, type Pattern } from '../view/log-filter.ts'
import type { PatternAnswer, PatternQuestion } from './pattern-worker.ts'

/** What a worker has to be for this. */
export interface PatternThread {
  postMessage(question: PatternQuestion, transfer: ArrayBufferLike[]): void
  onAnswer(listener: (answer: PatternAnswer) => void): void
  terminate(): void
}

const batchLines = 10_000
/** An expression that needs longer than this for one batch is given up: simple ones take a hundredth of it. */
export const patternLimitMs = 1_500

/**
 * Finds the lines that regular expressions let pass, on a thread of its own which is ended when it takes too long. Lines are
 * handed over once; `changed` is called whenever more is known.
 */
export class PatternSearch {
  readonly #start: () => PatternThread
  readonly #changed: (state: 'searching' | 'done' | 'too slow') => void
  readonly #limitMs: number
  #thread: PatternThread | undefined
  #patterns: readonly Pattern[] = []
  #passed = new Set<number>()
  #waiting: LogEntry[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    start: () => PatternThread,
    changed: (state: 'searching' | 'done' | 'too slow') => void,
    limitMs = patternLimitMs,
  ) {
    this.#start = start
    this.#changed = changed
    this.#limitMs = limitMs
  }

  /** Whether the line of this sequence is known to pass. */
  readonly passes = (sequence: number): boolean => this.#passed.has(sequence)

  /** Looks for other expressions, in all these lines. */
  search(patterns: readonly Pattern[], lines: readonly LogEntry[]): void {
    this.stop()
    this.#patterns = patterns
    this.#passed = new Set()
    if (patterns.length > 0) this.add(lines)
  }

  /** Looks through more lines for the same expressions. */
  add(lines: readonly LogEntry[]): void {
    if (this.#patterns.length === 0 || lines.length === 0) return
    this.#waiting = this.#waiting.length === 0 ? [...lines] : this.#waiting.concat(lines)
    if (this.#timer === undefined) this.#next()
  }

  /** Ends the thread; safe to call twice. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#thread?.terminate()
    this.#thread = undefined
    this.#patterns = []
    this.#waiting = []
  }

  #next(): void {
    const batch = this.#waiting.splice(0, batchLines)
    if (batch.length === 0) return this.#changed('done')
    this.#changed('searching')
    const thread = (this.#thread ??= this.#startThread())
    const sequences = Float64Array.from(batch, ({ sequence }) => sequence)
    this.#timer = setTimeout(() => this.#giveUp(), this.#limitMs)
    thread.postMessage({ patterns: this.#patterns, sequences, lines: batch.map(haystackOf) }, [sequences.buffer])
  }

  #startThread(): PatternThread {
    const thread = this.#start()
    thread.onAnswer(({ passed }) => {
      if (thread !== this.#thread) return
      clearTimeout(this.#timer)
      this.#timer = undefined
      for (const sequence of passed) this.#passed.add(sequence)
      this.#next()
    })
    return thread
  }

  #giveUp(): void {
    this.stop()
    this.#changed('too slow')
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
