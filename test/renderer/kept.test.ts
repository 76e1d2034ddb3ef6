import fc from 'fast-check'
import { expect, it } from 'vitest'
import { keepingSame } from '../../src/renderer/view/kept.ts'

it('answers what was given, and the very same object for whatever has not changed', () => {
  const things = fc.uniqueArray(
    fc.record({ key: fc.integer({ min: 0, max: 9 }), value: fc.integer({ min: 0, max: 2 }) }),
    {
      selector: ({ key }) => key,
    },
  )
  fc.assert(
    fc.property(fc.array(things, { minLength: 2, maxLength: 5 }), (rounds) => {
      const keep = keepingSame<{ key: number; value: number }>(({ key }) => String(key))
      let before: { key: number; value: number }[] = []
      for (const round of rounds) {
        const kept = keep(structuredClone(round))
        expect(kept).toEqual(round)
        for (const thing of kept) {
          const old = before.find(({ key }) => key === thing.key)
          expect(old === thing).toBe(old?.value === thing.value)
        }
        before = kept
      }
    }),
  )
})
