import { Duplex } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameReader } from '../../../src/peer/transport/frame-reader.ts'

/** A frame as RFC 6455 (5.2) lays it out: `mask` stands before the body, which is left as it is. */
function frame(body: Uint8Array, { first = 0x82, mask }: { first?: number; mask?: number } = {}): Buffer {
  const lengthBytes = body.length < 126 ? 0 : body.length < 65_536 ? 2 : 8
  const head = Buffer.alloc(2 + lengthBytes + (mask === undefined ? 0 : 4))
  head[0] = first
  head[1] = (lengthBytes === 0 ? body.length : lengthBytes === 2 ? 126 : 127) | (mask === undefined ? 0 : 0x80)
  if (lengthBytes === 2) head.writeUInt16BE(body.length, 2)
  if (lengthBytes === 8) head.writeBigUInt64BE(BigInt(body.length), 2)
  if (mask !== undefined) head.writeUInt32BE(mask, 2 + lengthBytes)
  return Buffer.concat([head, body])
}

/** A reader over a socket that is fed by hand, behind one that reads all that is not taken from it. */
function makeReader({ masked = false, maxBytes = 1_000_000 } = {}) {
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
  const toOther: Buffer[] = []
  const whole: Buffer[] = []
  socket.on('data', (chunk: Buffer) => toOther.push(chunk))
  const reader = new FrameReader(socket, { masked, maxBytes }, (bytes) => whole.push(bytes))
  return { reader, toOther, whole, feed: (bytes: Uint8Array) => socket.emit('data', Buffer.from(bytes)) }
}

const bodies = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 120, maxLength: 300 }) },
  { weight: 1, arbitrary: fc.constant(new Uint8Array(66_000).fill(7)) },
)
/** Cuts bytes at these places. */
function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [...new Set(at.map((place) => place % (bytes.length + 1)))].sort((one, other) => one - other)
  return [0, ...places].map((place, index) => bytes.subarray(place, places[index] ?? bytes.length))
}

describe('a reader of whole binary frames', () => {
  it('gives every body once and in order, however the bytes are cut, and what precedes trust to the other', () => {
    const cuts = fc.array(fc.nat(200_000), { maxLength: 12 })
    fc.assert(
      fc.property(fc.array(bodies, { maxLength: 8 }), cuts, fc.nat(12), fc.boolean(), (given, at, trustAt, masked) => {
        const mask = masked ? { mask: 0 } : {}
        const stream = Buffer.concat(given.map((body) => frame(body, mask)))
        const { reader, toOther, whole, feed } = makeReader({ masked })
        for (const [index, chunk] of cut(stream, at).entries()) {
          if (index === trustAt) reader.trust()
          feed(chunk)
        }
        const seen = Buffer.concat([...toOther, ...whole.map((body) => frame(body, mask))])
        expect(seen.equals(stream)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('leaves everything to the other from the first frame on that is not for it', () => {
    const strange = fc.constantFrom(
      frame(Buffer.from('bye'), { first: 0x88 }),
      frame(Buffer.from('part'), { first: 0x02 }),
      frame(Buffer.from('text'), { first: 0x81 }),
      frame(Buffer.from('masked'), { mask: 0x01020304 }),
      frame(new Uint8Array(2_000)),
      Buffer.from([0x82, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
    )
    const small = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 5 })
    fc.assert(
      fc.property(small, strange, small, fc.array(fc.nat(400), { maxLength: 8 }), (before, odd, after, at) => {
        const { reader, toOther, whole, feed } = makeReader({ maxBytes: 1_000 })
        reader.trust()
        const first = frame(Buffer.from('proof'))
        feed(first)
        const rest = Buffer.concat([odd, ...after.map((body) => frame(body))])
        for (const chunk of cut(Buffer.concat([...before.map((body) => frame(body)), rest]), at)) feed(chunk)
        expect(whole.map((body) => [...body])).toEqual(before.map((body) => [...body]))
        expect(Buffer.concat(toOther).equals(Buffer.concat([first, rest]))).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
