import type { Pattern } from '../view/log-filter.ts'

/** Lines as they go to the thread that keeps them: one text, and where in it each line ends, which is copied in one piece. */
export interface HandedLines {
  text: string
  ends: Uint32Array
  sequences: Float64Array
  /** Lines before this sequence are not kept by the window any more. */
  oldest: number
}

/** What the window asks: which of the lines from one place to another pass. Places count from the first line ever handed over. */
export interface PatternQuestion {
  /** The same number as long as the expressions are the same. */
  search: number
  patterns: readonly Pattern[]
  from: number
  to: number
  /** Lines to be kept from now on, behind those that are. */
  handed?: HandedLines
}

/** The sequences of the lines that passed. */
export interface PatternAnswer {
  passed: Float64Array
}

/** So many lines that nobody wants any more are worth making the list anew. */
const sweepFrom = 20_000

/** The lines that expressions are tried on, kept where they are tried: to hand 200,000 of them over for each search took a second. */
export class PatternLines {
  #lines: string[] = []
  #sequences: number[] = []
  /** How many lines were kept before the first one that is. */
  #before = 0
  #search: number | undefined
  #tries: { expression: RegExp; isUnwanted: boolean }[] = []

  /** Keeps what is handed over, and answers which of the lines asked for pass. Throws where an expression is none. */
  answer({ search, patterns, from, to, handed }: PatternQuestion): PatternAnswer {
    if (handed) this.#keep(handed)
    if (this.#search !== search) {
      // The flags g and y would make it remember where it was.
      this.#tries = patterns.map(({ source, flags, isUnwanted }) => ({
        expression: new RegExp(source, flags.replaceAll(/[gy]/gu, '')),
        isUnwanted,
      }))
      this.#search = search
    }
    const passed: number[] = []
    for (let place = Math.max(0, from - this.#before); place < to - this.#before; place++)
      if (this.#passes(this.#lines[place] ?? '')) passed.push(this.#sequences[place] ?? 0)
    return { passed: Float64Array.from(passed) }
  }

  #passes(line: string): boolean {
    for (const { expression, isUnwanted } of this.#tries) if (expression.test(line) === isUnwanted) return false
    return true
  }

  #keep({ text, ends, sequences, oldest }: HandedLines): void {
    let begin = 0
    for (const [place, end] of ends.entries()) {
      this.#lines.push(text.slice(begin, end))
      this.#sequences.push(sequences[place] ?? 0)
      begin = end
    }
    const firstWanted = this.#sequences.findIndex((sequence) => sequence >= oldest)
    const gone = firstWanted === -1 ? this.#sequences.length : firstWanted
    if (gone < sweepFrom) return
    this.#lines = this.#lines.slice(gone)
    this.#sequences = this.#sequences.slice(gone)
    this.#before += gone
  }
}
