import { describe, expect, it, vi } from 'vitest'
import { PatternSearch, type PatternThread } from '../../src/renderer/log/PatternSearch.ts'
import type { PatternAnswer, PatternQuestion } from '../../src/renderer/log/pattern-worker.ts'
import { logEntry } from '../shared/samples.ts'

const pattern = { source: '[02468]$', flags: '', isUnwanted: false }
const lines = (from: number, count: number) => Array.from({ length: count }, (_, place) => logEntry(from + place))

/** Threads that answer when they are told to. */
function threads() {
  const asked: PatternQuestion[] = []
  const ended: string[] = []
  let answer: ((answer: PatternAnswer) => void) | undefined
  const start = (): PatternThread => ({
    postMessage: (question) => void asked.push(question),
    onAnswer: (listener) => (answer = listener),
    terminate: () => void ended.push('ended'),
  })
  return { asked, ended, start, answer: (...passed: number[]) => answer?.({ passed: Float64Array.from(passed) }) }
}

describe('the search by regular expressions', () => {
  it('hands lines over in batches, each once, and knows which passed', () => {
    const { asked, start, answer } = threads()
    const states: string[] = []
    const search = new PatternSearch(start, (state) => states.push(state))
    search.search([pattern], lines(1, 12_000))
    expect(asked.map(({ lines: batch }) => batch.length)).toEqual([10_000])
    answer(2, 4)
    search.add(lines(12_001, 1))
    answer(12_000)
    expect(asked.map(({ lines: batch }) => batch.length)).toEqual([10_000, 2_000, 1])
    answer()
    expect([2, 4, 12_000, 3].map(search.passes)).toEqual([true, true, true, false])
    expect(states.at(-1)).toBe('done')
    search.stop()
  })

  it('ends the thread of an expression that takes too long, and says so', () => {
    vi.useFakeTimers()
    try {
      const { ended, start } = threads()
      const states: string[] = []
      const search = new PatternSearch(start, (state) => states.push(state), 100)
      search.search([{ source: '(a+)+$', flags: '', isUnwanted: false }], lines(1, 1))
      vi.advanceTimersByTime(100)
      expect(ended).toEqual(['ended'])
      expect(states).toEqual(['searching', 'too slow'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('asks for nothing without an expression', () => {
    const { asked, start } = threads()
    const search = new PatternSearch(start, () => undefined)
    search.search([], lines(1, 10))
    search.add(lines(11, 10))
    expect(asked).toEqual([])
  })
})
