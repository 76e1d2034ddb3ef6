import fc from 'fast-check'
import { expect, it } from 'vitest'
import { keepingSame, keptParts } from '../../src/renderer/view/kept.ts'

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

it('gives back the older object, or its parts, wherever the newer one says the same', () => {
  const leaf = fc.constantFrom<unknown>(0, 1, 'text', undefined, Number.NaN)
  const data = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b'), tie('any')),
      fc.array(fc.tuple(fc.constantFrom('k', 'l'), tie('any')), { maxLength: 2 }).map((entries) => new Map(entries)),
    ),
  })).any
  fc.assert(
    fc.property(data, data, (older, newer) => {
      expect(keptParts(older, structuredClone(newer))).toEqual(newer)
      expect(Object.is(keptParts(older, structuredClone(older)), older)).toBe(true)
    }),
  )
  // What has no value is not the same as what is not there.
  expect(keptParts(new Map([['k', undefined]]), new Map([['l', undefined]]))).toEqual(new Map([['l', undefined]]))
  expect(keptParts({ a: undefined }, { b: undefined })).toStrictEqual({ b: undefined })
  const [same, changed] = [
    { id: 'same', count: { of: 1 } },
    { id: 'changed', count: { of: 1 } },
  ]
  const older = new Map([
    ['same', same],
    ['changed', changed],
  ])
  const kept = keptParts(older, new Map([...structuredClone(older), ['changed', { id: 'changed', count: { of: 2 } }]]))
  expect(kept).not.toBe(older)
  expect(kept.get('same')).toBe(same)
  expect(kept.get('changed')).toEqual({ id: 'changed', count: { of: 2 } })
})
