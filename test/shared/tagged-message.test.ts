import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  fromTagged,
  fromTaggedOrPlain,
  inferKind,
  kindFits,
  messageTags,
  toTagged,
  type MessageKind,
} from '../../src/shared/index.ts'

/** Everything a message may be, nested. `undefined` inside an array or object is flow. */
const message = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.boolean(),
    fc.integer(),
    fc.bigInt(),
    fc.double(),
    fc.string(),
    fc.constant(null),
    fc.constant(undefined),
    fc.uint8Array({ maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.oneof(fc.constantFrom('$kind', 'data', 'type', '__proto__'), fc.string()), tie('value'), {
      maxKeys: 5,
      noNullPrototype: true,
    }),
  ),
})).value

describe('tagged messages', () => {
  it('bring every message back as it was, through JSON text', () => {
    fc.assert(
      fc.property(message, (value) => {
        const back = fromTagged(JSON.parse(JSON.stringify(toTagged(value))))
        expect(back).toStrictEqual(value)
      }),
      { numRuns: 2_000 },
    )
  })

  it('are of the form that Reflow writes', () => {
    expect(toTagged({ a: 1, b: ['x'] })).toEqual({ type: 'Object', data: { a: 1, b: ['x'] } })
    expect(toTagged(undefined)).toEqual({ type: 'Flow' })
    expect(toTagged(new Uint8Array([1, 255]))).toEqual({ type: 'Stream', data: [1, 255] })
    expect(toTagged(7)).toEqual({ type: 'Integer', data: 7 })
    expect(toTagged(7, 'float')).toEqual({ type: 'Float', data: 7 })
  })

  it('are read in the form that the Rust original sends, bytes of JSON text', () => {
    const bytes = [...new TextEncoder().encode('{"a":1}')]
    expect(fromTagged({ type: 'Object', data: { data: bytes } })).toEqual({ a: 1 })
    expect(fromTagged({ type: 'Array', data: [{ data: [49] }, { data: [34, 120, 34] }] })).toEqual([1, 'x'])
    expect(fromTagged({ type: 'Optional', data: null })).toBe(null)
  })

  it.each([
    ['no object', 5, /an object/],
    ['an unknown type', { type: 'Objekt' }, /unknown message type "Objekt"/],
    ['a broken integer', { type: 'Integer', data: 1.5 }, /whole number/],
    ['bytes out of range', { type: 'Stream', data: [256] }, /0 to 255/],
    ['text that is no text', { type: 'String', data: 5 }, /text/],
  ])('refuse %s with a reason', (_name, tagged, reason) => {
    expect(() => fromTagged(tagged)).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID', message: expect.stringMatching(reason) as string }),
    )
  })

  it('refuse to nest without end rather than overflow the stack', () => {
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level++) deep = [deep]
    expect(() => toTagged(deep)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }))
    expect(() => fromTagged({ type: 'Array', data: deep })).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID' }),
    )
  })

  it('may be typed as plain JSON by a person', () => {
    expect(fromTaggedOrPlain({ features: [1, 2] })).toEqual({ features: [1, 2] })
    expect(fromTaggedOrPlain({ type: 'Float', data: 'NaN' })).toBeNaN()
    expect(fromTaggedOrPlain({ type: 'sensor', data: 1 })).toEqual({ type: 'sensor', data: 1 })
    expect(fromTaggedOrPlain([{ data: [49] }])).toEqual([{ data: [49] }])
  })
})

describe('message kinds', () => {
  it('are inferred from plain values', () => {
    const expected: [unknown, MessageKind][] = [
      [undefined, 'flow'],
      [true, 'boolean'],
      [1, 'integer'],
      [10n ** 30n, 'integer'],
      [1.5, 'float'],
      [-0, 'float'],
      [Number.NaN, 'float'],
      ['a', 'string'],
      [{}, 'object'],
      [[], 'array'],
      [new Uint8Array(), 'stream'],
      [null, 'optional'],
      [new Error('x'), 'error'],
    ]
    for (const [value, kind] of expected) expect(inferKind(value)).toBe(kind)
  })

  it('fit as in Reflow: equal, any, integers into floats', () => {
    expect(kindFits('integer', 'float')).toBe(true)
    expect(kindFits('float', 'integer')).toBe(false)
    for (const kind of Object.keys(messageTags) as MessageKind[]) {
      expect(kindFits(kind, kind)).toBe(true)
      expect(kindFits(kind, 'any')).toBe(true)
      expect(kindFits('any', kind)).toBe(true)
    }
  })
})
