import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { PatternLines, type PatternAnswer, type PatternQuestion } from '../../src/renderer/log/PatternLines.ts'
import { PatternSearch, type PatternState, type PatternThread } from '../../src/renderer/log/PatternSearch.ts'
import { haystackOf, type Pattern } from '../../src/renderer/view/log-filter.ts'
import type { LogEntry } from '../../src/shared/index.ts'
import { logEntry } from '../shared/samples.ts'

const pattern = { source: '[02468]$', flags: '', isUnwanted: false }
const linesFrom = (from: number, count: number) => Array.from({ length: count }, (_, place) => logEntry(from + place))

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

/** A thread that does the work, here and when it is told to. */
function workingThread() {
  const waiting: (() => void)[] = []
  const start = (): PatternThread => {
    const kept = new PatternLines()
    let isEnded = false
    let listener: ((answer: PatternAnswer) => void) | undefined
    return {
      postMessage: (question) =>
        void waiting.push(() => {
          if (!isEnded) listener?.(kept.answer(structuredClone(question)))
        }),
      onAnswer: (one) => (listener = one),
      terminate: () => void (isEnded = true),
    }
  }
  const step = () => waiting.shift()?.()
  return {
    start,
    step,
    work: () => {
      while (waiting.length > 0) step()
    },
  }
}

describe('the search by regular expressions', () => {
  it('hands lines over in batches, each once, however often it looks through them', () => {
    const { asked, start, answer } = threads()
    const states: PatternState[] = []
    let lines = linesFrom(1, 12_000)
    const search = new PatternSearch(
      start,
      () => lines,
      (state) => states.push(state),
    )
    search.search([pattern])
    lines = [...lines, logEntry(12_001)]
    answer(2, 4)
    answer(12_000)
    search.more()
    answer()
    expect([2, 4, 12_000, 3].map(search.passes)).toEqual([true, true, true, false])
    expect(states).toEqual(['searching', 'done'])
    search.search([{ ...pattern, flags: 'm' }])
    answer()
    answer()
    expect(asked.map(({ handed }) => handed?.ends.length)).toEqual([10_000, 2_001, undefined, undefined])
    expect(asked.map(({ from, to }) => [from, to])).toEqual([
      [0, 10_000],
      [10_000, 12_001],
      [0, 10_000],
      [10_000, 12_001],
    ])
    search.stop()
  })

  it('ends the thread of an expression that takes too long, and says so', () => {
    vi.useFakeTimers()
    try {
      const { ended, start } = threads()
      const states: PatternState[] = []
      const search = new PatternSearch(
        start,
        () => linesFrom(1, 1),
        (state) => states.push(state),
        100,
      )
      search.search([{ source: '(a+)+$', flags: '', isUnwanted: false }])
      vi.advanceTimersByTime(100)
      expect(ended).toEqual(['ended'])
      expect(states).toEqual(['searching', 'too slow'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('starts anew, with all lines, when one that nobody wants any more does not end', () => {
    vi.useFakeTimers()
    try {
      const { asked, ended, start, answer } = threads()
      const states: PatternState[] = []
      const search = new PatternSearch(
        start,
        () => linesFrom(1, 3),
        (state) => states.push(state),
      )
      search.search([{ source: '(a+)+$', flags: '', isUnwanted: false }])
      search.search([pattern])
      expect(asked).toHaveLength(1)
      vi.advanceTimersByTime(200)
      expect(ended).toEqual(['ended'])
      expect(asked[1]).toMatchObject({ patterns: [pattern], from: 0, to: 3 })
      expect(asked[1]?.handed?.ends).toHaveLength(3)
      answer(2)
      expect(search.passes(2)).toBe(true)
      expect(states).toEqual(['searching', 'searching', 'done'])
      search.stop()
    } finally {
      vi.useRealTimers()
    }
  })

  it('lets the thread and its lines go a while after the last search', () => {
    vi.useFakeTimers()
    try {
      const { ended, start, answer } = threads()
      const search = new PatternSearch(
        start,
        () => linesFrom(1, 3),
        () => undefined,
      )
      search.search([pattern])
      answer()
      search.search([])
      expect(ended).toEqual([])
      vi.runAllTimers()
      expect(ended).toEqual(['ended'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('asks for nothing without an expression', () => {
    const { asked, start } = threads()
    const search = new PatternSearch(
      start,
      () => linesFrom(1, 10),
      () => undefined,
    )
    search.search([])
    search.more()
    search.stop()
    expect(asked).toEqual([])
  })

  it('finds what a look at each line finds, while lines come and go and the expressions change', () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'B', 'b', '1', ' ', '\n', '\r', 'é', '😀', '.'), maxLength: 8 }),
      fc.constantFrom('', '\n', 'a\nb'),
    )
    const sources = [
      '^a',
      'a$',
      '^$',
      '^.*$',
      'b\\s+1',
      '[^a]b',
      'a.b',
      '\\n',
      'a|^x',
      '(?<=a)b',
      '(.)\\1',
      '\\u{1F600}|é',
      '\\bB',
    ]
    const source = fc.constantFrom(...sources)
    const flags = fc.constantFrom('', 'i', 'm', 's', 'u', 'ims', 'v')
    const patterns = fc.array(fc.record({ source, flags, isUnwanted: fc.boolean() }), { maxLength: 3 })
    const step = fc.oneof(
      fc.record({ type: fc.constant('lines' as const), texts: fc.array(text, { maxLength: 6 }) }),
      fc.record({ type: fc.constant('search' as const), patterns }),
      fc.record({ type: fc.constant('answer' as const) }),
      fc.record({ type: fc.constant('drop' as const), count: fc.nat(4) }),
      fc.record({ type: fc.constant('forget' as const) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const { start, step: answerOne, work } = workingThread()
        let lines: LogEntry[] = []
        let wanted: readonly Pattern[] = []
        let sequence = 0
        let state: PatternState | undefined
        const search = new PatternSearch(
          start,
          () => lines,
          (now) => (state = now),
        )
        for (const each of steps) {
          if (each.type === 'lines') {
            lines = [...lines, ...each.texts.map((one) => ({ ...logEntry((sequence += 1)), text: one }))]
            search.more()
          } else if (each.type === 'search') {
            wanted = isValid(each.patterns) ? each.patterns : []
            search.search(wanted)
          } else if (each.type === 'answer') answerOne()
          else if (each.type === 'drop') lines = lines.slice(each.count)
          else {
            ;[lines, sequence] = [[], 0]
            search.forget()
          }
        }
        search.more()
        work()
        if (wanted.length > 0) {
          expect(state).toBe('done')
          expect(lines.filter((line) => search.passes(line.sequence))).toEqual(
            lines.filter((line) => passesAll(wanted, line)),
          )
        }
        search.stop()
      }),
      { numRuns: 300 },
    )
  })
})

function isValid(patterns: readonly Pattern[]): boolean {
  try {
    for (const { source, flags } of patterns) void new RegExp(source, flags)
    return true
  } catch {
    return false
  }
}

function passesAll(patterns: readonly Pattern[], line: LogEntry): boolean {
  return patterns.every(({ source, flags, isUnwanted }) => {
    return new RegExp(source, flags).test(haystackOf(line)) !== isUnwanted
  })
}
