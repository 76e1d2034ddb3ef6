import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromTagged, kindOf, message, messageTags, taggedOf, type MessageKind } from '../../src/shared/index.ts'

const whole = fc.oneof(fc.maxSafeInteger(), fc.bigInt())
const bytes = fc.uint8Array({ maxLength: 20 })
// Of -0, which it may hold, JSON text makes 0.
const any = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)))
const values: Record<MessageKind, fc.Arbitrary<unknown>> = {
  flow: fc.constant(undefined),
  boolean: fc.boolean(),
  integer: whole,
  float: fc.oneof(fc.double(), fc.integer()),
  string: fc.string(),
  object: fc.dictionary(fc.string(), any, { noNullPrototype: true }),
  array: fc.array(any),
  stream: bytes,
  encoded: bytes,
  error: fc.string().map((text) => new Error(text)),
  event: any,
  optional: fc.option(any),
  any,
  remoteReference: any,
  networkEvent: any,
}
const kinds = Object.keys(messageTags) as MessageKind[]

describe('messages whose kind is said', () => {
  it.each(kinds)('keep the kind %s and their value through JSON text', (kind) => {
    fc.assert(
      fc.property(values[kind], (value) => {
        const tagged: unknown = JSON.parse(JSON.stringify(message[kind](value as never)))
        expect(fromTagged(tagged)).toEqual(value)
        expect(kindOf(taggedOf(tagged))).toBe(kind)
      }),
      { numRuns: 30 },
    )
  })

  it.each<[MessageKind, unknown]>([
    ['boolean', 1],
    ['integer', 1.5],
    ['integer', Number.NaN],
    ['float', 1n],
    ['float', '1'],
    ['string', 1],
    ['object', []],
    ['object', null],
    ['array', {}],
    ['stream', [1, 2]],
    ['encoded', 'x'],
    ['error', { message: 'x' }],
    ['event', () => 1],
  ])('of kind %s are not made of what is none', (kind, value) => {
    expect(() => message[kind](value as never)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }))
  })

  it('have the kind of their value where a person says none', () => {
    expect(taggedOf(5)).toEqual({ type: 'Integer', data: 5 })
    expect(taggedOf({ type: 'Float', data: 5 })).toEqual({ type: 'Float', data: 5 })
    expect(taggedOf({ type: 'Float', unit: 'm' })).toEqual({ type: 'Object', data: { type: 'Float', unit: 'm' } })
  })
})
