import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isHeldOut, sampleKey } from '../../../src/actors/learning/hold-out.ts'

test('holds a record out in every pass or in none', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[^#]+$/), fc.integer({ min: 1, max: 1000 }), (key, pass) => {
      expect(sampleKey(`${key}#${pass}`)).toBe(key)
      expect(isHeldOut(`${key}#${pass}`)).toBe(isHeldOut(key))
    }),
  )
})

test('holds out about one record in five, also among neighbouring dates', () => {
  const dates = Array.from({ length: 1461 }, (_, day) =>
    new Date(Date.UTC(2012, 0, 1 + day)).toISOString().slice(0, 10),
  )
  const heldOut = dates.filter(isHeldOut)
  expect(heldOut.length / dates.length).toBeGreaterThan(0.17)
  expect(heldOut.length / dates.length).toBeLessThan(0.23)
  const months = new Set(heldOut.map((date) => date.slice(0, 7)))
  expect(months.size).toBe(48)
})
