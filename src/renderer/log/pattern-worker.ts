/** Tries regular expressions on log lines, away from the window's thread: an expression may take for ever. */
import type { Pattern } from '../view/log-filter.ts'

/** What the window asks: which of these lines pass. An answer comes for each batch, in order. */
export interface PatternQuestion {
  patterns: readonly Pattern[]
  sequences: Float64Array
  lines: readonly string[]
}
/** The sequences that passed. */
export interface PatternAnswer {
  passed: Float64Array
}

addEventListener('message', (event: MessageEvent<PatternQuestion>) => {
  const { patterns, sequences, lines } = event.data
  const tries = patterns.map(({ source, flags, isUnwanted }) => ({
    expression: new RegExp(source, flags.replaceAll(/[gy]/gu, '')),
    isUnwanted,
  }))
  const passed = sequences.filter((_, place) =>
    tries.every(({ expression, isUnwanted }) => expression.test(lines[place] ?? '') !== isUnwanted),
  )
  const answer: PatternAnswer = { passed }
  postMessage(answer, { transfer: [passed.buffer] })
})
