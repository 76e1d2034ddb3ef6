import * as fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readState, writeState } from '../../src/runtime/index.ts'

const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(undefined),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array(),
  fc.float64Array(),
  fc.int16Array(),
  fc.bigInt64Array(),
)
const key = fc.oneof(fc.string(), fc.constantFrom('$', 'v', '__proto__', 'constructor', 'toString'))
const { state: anyState } = fc.letrec<{ state: unknown }>((tie) => ({
  state: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('state')),
    fc.dictionary(key, tie('state'), { noNullPrototype: true }),
    fc.array(fc.tuple(tie('state'), tie('state'))).map((entries) => new Map(entries)),
    fc.array(tie('state')).map((items) => new Set(items)),
  ),
}))

describe('the text of a state', () => {
  it('gives back what was written, whatever it is made of', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        expect(isDeepStrictEqual(readState(writeState(state)), state)).toBe(true)
      }),
      { numRuns: 80 },
    )
  })

  it('keeps errors, bytes of a part of a buffer, and holes as undefined', () => {
    const bytes = new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 4)
    const failure = Object.assign(new RangeError('too far'), { name: 'RangeError' })
    const back = readState(writeState({ bytes, failure, buffer: Buffer.from('ok'), list: [1, , 3] })) as never // oxlint-disable-line no-sparse-arrays
    expect(back).toMatchObject({
      bytes: new Uint8Array([2, 3, 4]),
      failure: { name: 'RangeError', message: 'too far' },
    })
    expect(back).toMatchObject({ buffer: new Uint8Array([111, 107]), list: [1, undefined, 3] })
  })

  class Till {
    sum = 1
  }
  const ring: Record<string, unknown> = {}
  ring['self'] = ring
  const deep = Array.from({ length: 600 }).reduce<unknown>((inner) => [inner], 1)
  it.each([
    ['a function', { sum: { add: () => 1 } }, 'state.sum.add is a function'],
    ['an object of a class', { tills: [new Till()] }, 'state.tills.0 is an object of the class Till'],
    ['a ring', { ring }, 'state.ring.self is an object that contains itself'],
    ['a symbol', Symbol('x'), 'state is a symbol'],
    ['what has no end', deep, 'more than 500 levels'],
  ])('refuses %s, saying where it is', (_what, state, message) => {
    expect(() => writeState(state)).toThrow(message)
  })

  it.each(['', '{"$":"Window"}', '{"$":"bigint","v":"x"}', '[', '{"$":"Map","v":3}'])('refuses the text %s', (text) => {
    expect(() => readState(text)).toThrow(Error)
  })
})
