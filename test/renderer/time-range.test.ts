import fc from 'fast-check'
import { expect, it } from 'vitest'
import { rangeAfterKey } from '../../src/renderer/view/time-range.ts'

const kept = { sinceMs: 0, untilMs: 900_000 }
const press = (key: string, range = { sinceMs: 600_000, untilMs: 900_000 }, shiftKey = false) =>
  rangeAfterKey({ key, shiftKey }, range, kept)

it('narrows, moves and cuts the time that charts show by keys', () => {
  expect(press('+')).toEqual({ sinceMs: 750_000, untilMs: 900_000 })
  expect(press('ArrowLeft')).toEqual({ sinceMs: 525_000, untilMs: 825_000 })
  expect(press('ArrowLeft', undefined, true)).toEqual({ sinceMs: 600_000, untilMs: 825_000 })
  expect(press('ArrowRight', undefined, true)).toEqual({ sinceMs: 675_000, untilMs: 900_000 })
  expect(press('+', { sinceMs: 400_000, untilMs: 500_000 })).toEqual({ sinceMs: 425_000, untilMs: 475_000 })
  expect(press('-', { sinceMs: 400_000, untilMs: 500_000 })).toEqual({ sinceMs: 350_000, untilMs: 550_000 })
  expect(press('a')).toBeUndefined()
})

it('keeps the time that charts show within what is known, and never less than a second', () => {
  const key = fc.record({
    key: fc.constantFrom('+', '-', 'ArrowLeft', 'ArrowRight'),
    shiftKey: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(key, { maxLength: 40 }), (keys) => {
      let range = { sinceMs: 600_000, untilMs: 900_000 }
      for (const each of keys) {
        range = rangeAfterKey(each, range, kept) ?? range
        expect(range.sinceMs).toBeGreaterThanOrEqual(kept.sinceMs)
        expect(range.untilMs).toBeLessThanOrEqual(kept.untilMs)
        expect(range.untilMs - range.sinceMs).toBeGreaterThanOrEqual(999.999)
      }
    }),
  )
})
