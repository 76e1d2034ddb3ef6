import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { highlight } from '../../src/renderer/view/highlight.ts'
import { exportLog, placeOfLine, rowAt, rowCount, type LogMark } from '../../src/renderer/view/log-rows.ts'
import { logEntry } from '../shared/samples.ts'

const mark = (after: number, label = 'here'): LogMark => ({ type: 'mark', after, timeMs: 0, label })

describe('the rows of the log', () => {
  it('have each mark right after its line, wherever lines are missing', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(30), { maxLength: 12 }),
        fc.array(fc.nat(30), { maxLength: 5 }),
        (numbers, places) => {
          const lines = numbers.sort((one, other) => one - other).map((sequence) => logEntry(sequence))
          const marks = places.sort((one, other) => one - other).map((after) => mark(after))
          const rows = Array.from({ length: rowCount(lines, marks) }, (_, place) => rowAt(lines, marks, place))
          const order = rows.map((row) =>
            row?.type === 'mark' ? row.after + 0.5 : (row?.entry.sequence ?? Number.NaN),
          )
          expect(order).toEqual(order.toSorted((one, other) => one - other))
          expect(order).toHaveLength(lines.length + marks.length)
          for (const { sequence } of lines)
            expect(rows[placeOfLine(lines, marks, sequence)]).toMatchObject({ type: 'line', entry: { sequence } })
        },
      ),
    )
  })

  it('are saved one a line, marks and line feeds and all', () => {
    const lines = [logEntry(1, { timeMs: 0, text: 'two\nlines', node: 'sink' }), logEntry(2, { timeMs: 5 })]
    expect(exportLog(lines, [mark(1, 'now')], 'log').split('\n')).toEqual([
      '1970-01-01T00:00:00.000Z info  data/1 sink two\\nlines',
      '1970-01-01T00:00:00.000Z ---- now ----',
      '1970-01-01T00:00:00.005Z info  data/1 line 2',
      '',
    ])
    const saved = exportLog(lines, [mark(1)], 'jsonl')
      .trim()
      .split('\n')
    expect(saved.map((line): unknown => JSON.parse(line).type)).toEqual(['line', 'mark', 'line'])
  })
})

describe('what was found', () => {
  it('is marked where it stands, in any case, the longest first', () => {
    expect(highlight('Model and model_trainer', ['model', 'model_trainer'])).toEqual([
      { text: 'Model', isHit: true },
      { text: ' and ', isHit: false },
      { text: 'model_trainer', isHit: true },
    ])
  })

  it('never changes the text', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string({ maxLength: 3 })), (text, words) => {
        expect(
          highlight(text, words)
            .map((piece) => piece.text)
            .join(''),
        ).toBe(text)
      }),
    )
  })
})
