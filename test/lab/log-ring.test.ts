import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LogRing } from '../../src/lab/log-ring.ts'

const line = (text: string, level: 'debug' | 'info' | 'warn' | 'error' = 'info', instance = 'a/1') => ({
  timeMs: 0,
  level,
  instance,
  text,
})

describe('the log ring', () => {
  it('keeps the newest lines within its bound by count, in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 300 }), (maxEntries, count) => {
        const ring = new LogRing({ maxEntries })
        for (let number = 1; number <= count; number++) ring.add(line(String(number)))
        const kept = ring.recent({ limit: 1_000 }).map(({ text }) => Number(text))
        const first = Math.max(1, count - maxEntries + 1)
        expect(kept).toEqual(Array.from({ length: Math.min(count, maxEntries) }, (_, index) => first + index))
      }),
    )
  })

  it('keeps within its bound by bytes, and at least the newest line', () => {
    const ring = new LogRing({ maxBytes: 10_000 })
    for (let number = 0; number < 100; number++) ring.add(line('x'.repeat(1_000)))
    expect(ring.length).toBeLessThan(6)
    ring.add(line('y'.repeat(8_000)))
    expect(ring.recent({ limit: 5 }).at(-1)?.text).toMatch(/^y/)
  })

  it('cuts a line that is too long and says how long it was', () => {
    expect(new LogRing().add(line('z'.repeat(100_000))).text).toMatch(/… \(100000 characters\)$/)
  })

  it('answers by level and instance, numbered without gaps', () => {
    const ring = new LogRing()
    ring.add(line('one', 'debug'))
    ring.add(line('two', 'error', 'b/1'))
    ring.add(line('three', 'warn'))
    expect(ring.recent({ limit: 10, level: 'warn' }).map(({ text, sequence }) => [sequence, text])).toEqual([
      [2, 'two'],
      [3, 'three'],
    ])
    expect(ring.recent({ limit: 10, instance: 'b/1' })).toHaveLength(1)
  })
})
