import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { mayHoldOddities } from '../../src/graph/json-oddities.ts'

it.each([
  '{"a":1,"a":2}',
  '{"x":[{"b":{},"c":1,"b":3}]}',
  '{"__proto__":1}',
  '[12345678901234567890]',
  '[-9007199254740993]',
])('notices what is odd in %s', (text) => expect(mayHoldOddities(text)).toBe(true))

it('finds nothing odd in an object of many keys, and a second one among them', () => {
  const keys = Array.from({ length: 40 }, (_, index) => `"k${index}":"a,{\\"k1\\":[]}"`)
  expect(mayHoldOddities(`{${keys.join()}}`)).toBe(false)
  expect(mayHoldOddities(`{${[...keys, '"k7":0'].join()}}`)).toBe(true)
})

it('finds a key that was put in twice, wherever it is, and nothing odd in what JavaScript wrote', () => {
  const plain = fc.jsonValue().filter((value) => !/\\|__proto__|\d{16}/.test(JSON.stringify(value)))
  fc.assert(
    fc.property(plain, fc.array(plain, { maxLength: 3 }), fc.constantFrom(undefined, 2), (value, others, indent) => {
      expect(mayHoldOddities(JSON.stringify([value, ...others], undefined, indent))).toBe(false)
      const twice = `{"z":${JSON.stringify(value, undefined, indent)},"y":${JSON.stringify(others)},"z":1}`
      expect(mayHoldOddities(`[${JSON.stringify(others)},${twice}]`)).toBe(true)
    }),
    { numRuns: 200 },
  )
})
