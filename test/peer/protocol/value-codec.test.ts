import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxMessageBytes } from '../../../src/peer/protocol/message-bounds.ts'
import { createValueCodec } from '../../../src/peer/protocol/value-codec.ts'

const codec = createValueCodec()
const roundTrip = (value: unknown) => codec.decodeAll(Buffer.from(codec.encode(value)))[0]

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double().map((number) => (number === 0 ? 0 : number)),
  fc.maxSafeInteger().map((number) => (number === 0 ? 0 : number)),
  fc.string({ unit: 'grapheme' }),
  fc.uint8Array(),
)
const { message } = fc.letrec((tie) => ({
  message: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('message'), { maxLength: 6 }),
    fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
      tie('message'),
      {
        maxKeys: 6,
        noNullPrototype: true,
      },
    ),
  ),
}))

describe('the value codec', () => {
  it('gives back every value it was given', () => {
    fc.assert(
      fc.property(message, (value) => {
        expect(roundTrip(value)).toEqual(value)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    [undefined],
    [{ here: undefined }],
    [NaN],
    [Infinity],
    [-Infinity],
    [2n ** 53n + 1n],
    [-(2n ** 63n)],
    [2n ** 200n],
    [new Date(0)],
    [new Set([1, 'two'])],
    [new Float32Array([1.5, NaN])],
    [new ArrayBuffer(3)],
  ])('keeps %s', (value) => {
    expect(roundTrip(value)).toEqual(value)
  })

  it('keeps the name, message and cause of an error', () => {
    const error = roundTrip(new TypeError('wrong', { cause: new Error('why') }))
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ message: 'wrong', cause: { message: 'why' } })
  })

  it('gives bytes a memory of their own', () => {
    const encoded = Buffer.from(codec.encode({ bytes: new Uint8Array([1, 2, 3]) }))
    const [value] = codec.decodeAll(encoded) as [{ bytes: Uint8Array }]
    encoded.fill(0)
    expect([...value.bytes]).toEqual([1, 2, 3])
  })

  it('pollutes no prototype', () => {
    const value = roundTrip(JSON.parse('{"__proto__": {"polluted": true}}'))
    expect(value).toEqual({ __proto_: { polluted: true } })
    expect('polluted' in {}).toBe(false)
  })

  it.each([
    ['a function', { run: () => {} }, 'a function cannot be a message'],
    ['a symbol', Symbol('s'), 'symbol'],
  ])('refuses %s', (_what, value, reason) => {
    expect(() => codec.encode(value)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }))
    expect(() => codec.encode(value)).toThrow(reason)
    expect(roundTrip({ still: 'works' })).toEqual({ still: 'works' })
  })

  it('refuses what contains itself', () => {
    const ring: Record<string, unknown> = {}
    ring['self'] = ring
    expect(() => codec.encode(ring)).toThrow('contains itself')
    expect(roundTrip(1)).toBe(1)
  })

  it('refuses what is larger than a link takes', () => {
    expect(() => codec.encode(new Uint8Array(maxMessageBytes))).toThrow(expect.objectContaining({ code: 'TOO_BIG' }))
  })

  it('finds out that a message is too large or contains itself before it encodes any of it', () => {
    let read = 0
    const counted = (fields: Record<string, unknown>) =>
      Object.defineProperty(fields, 'counted', { enumerable: true, get: () => ++read })
    const ring = counted({ padding: 'x'.repeat(20 * 1024) })
    ring['self'] = ring
    expect(() => codec.encode(ring)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }))
    expect(read).toBeLessThan(1000)
    const wide: unknown[] = []
    for (let item = 0; item < 1000; item++) wide.push(wide)
    expect(() => codec.encode(wide)).toThrow('contains itself')
    read = 0
    const large = Array.from({ length: 40 }, () => counted({ bytes: new Uint8Array(5_000_000) }))
    expect(() => codec.encode(large)).toThrow(expect.objectContaining({ code: 'TOO_BIG' }))
    expect(read).toBeLessThan(15)
  })

  it.each([
    ['text', 'x'.repeat(maxMessageBytes + 1)],
    ['a map', new Map([['key', 'x'.repeat(maxMessageBytes)]])],
    ['a set', new Set(['x'.repeat(maxMessageBytes)])],
    ['an error', new Error('wrong', { cause: 'x'.repeat(maxMessageBytes) })],
    ['a buffer', { nested: [new ArrayBuffer(maxMessageBytes)] }],
    ['a hollow array', Array(maxMessageBytes + 1)],
    ['long names', { ['x'.repeat(maxMessageBytes)]: 1 }],
  ])('refuses %s that is larger than a link takes', (_what, value) => {
    expect(() => codec.encode(value)).toThrow(expect.objectContaining({ code: 'TOO_BIG' }))
    expect(roundTrip('still works')).toBe('still works')
  })

  it('takes what is as large as a link allows', () => {
    const many = Array.from({ length: 4_000_000 }, () => 1)
    expect(roundTrip(many)).toHaveLength(many.length)
    expect(codec.encode('x'.repeat(maxMessageBytes - 5))).toHaveLength(maxMessageBytes)
    class ShortInJson {
      readonly large = new Uint8Array(maxMessageBytes)
      toJSON() {
        return 'short'
      }
    }
    expect(roundTrip(new ShortInJson())).toBe('short')
  })

  it('names a field that cannot be read', () => {
    const value = {
      get broken(): never {
        throw new Error('no such field today')
      },
    }
    expect(() => codec.encode(value)).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID', message: expect.stringContaining('no such field today') }),
    )
  })

  it('reads values that were written one after the other', () => {
    const parts = [1, undefined, { a: [] }].map((value) => Buffer.from(codec.encode(value)))
    expect(codec.decodeAll(Buffer.concat(parts))).toEqual([1, undefined, { a: [] }])
  })

  it('answers any bytes with values or one coded error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
        try {
          codec.decodeAll(Buffer.from(bytes))
        } catch (error) {
          expect(error).toMatchObject({ code: 'MESSAGE_INVALID' })
        }
      }),
      { numRuns: 5000 },
    )
  })

  it('survives nesting that would exhaust the stack', () => {
    expect(() => codec.decodeAll(Buffer.alloc(200_000, 0x91))).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID' }),
    )
    expect(roundTrip([1])).toEqual([1])
  })
})
