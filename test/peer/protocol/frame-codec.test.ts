import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeLoose, encodePacket, encodeSequenced, parsePacket } from '../../../src/peer/protocol/frame-codec.ts'
import type { LooseFrame, SequencedFrame } from '../../../src/peer/protocol/frame.ts'

const credit = { messages: 5, bytes: 2 ** 40 }
const sequenced: Exclude<SequencedFrame, { type: 'unknown' }>[] = [
  { type: 'open', channel: 3, mode: 'send', node: 'n', port: 'p', credit, delivery: 'reliable' },
  { type: 'open', channel: 4, mode: 'subscribe', node: 'nœud', port: 'p', credit, delivery: 'latest' },
  { type: 'opened', channel: 3, credit },
  { type: 'refused', channel: 3, code: 'NOT_EXPORTED', reason: 'no' },
  { type: 'shut', channel: 3, reason: 'over' },
  { type: 'data', channel: 3, count: 2, body: Buffer.from([1, 2]) },
  { type: 'part', channel: 3, body: Buffer.from([1, 2, 3]) },
  { type: 'data', channel: 3, count: 1, body: Buffer.from([4]), check: 4_000_000_000 },
  { type: 'gap', channel: 3, count: 70_000 },
  { type: 'drain' },
  { type: 'drained' },
  { type: 'discover', request: 1 },
  {
    type: 'directory',
    request: 1,
    nodes: [{ id: 'a', component: 'A', inports: [{ name: 'In', kind: 'float' }], outports: [] }],
  },
  { type: 'watch', revision: 2 ** 40 },
  {
    type: 'listing',
    from: 3,
    to: 5,
    nodes: [{ id: 'a', component: 'A', inports: [], outports: [{ name: 'Out', kind: 'any' }] }],
    gone: ['b'],
    isLast: true,
  },
]
const loose: LooseFrame[] = [
  {
    type: 'credit',
    grants: [
      { channel: 1, ...credit },
      { channel: 2, messages: 0, bytes: 0 },
    ],
  },
  { type: 'ping', id: 4_000_000_000 },
  { type: 'pong', id: 0 },
  { type: 'goaway', received: 17, reason: 'stops' },
]
const everything = () => [
  ...sequenced.map((frame, index) => encodeSequenced(frame, 2 ** 32 - 3 + index)),
  ...loose.map((frame) => encodeLoose(frame)),
]
const mustNotThrowElse = (bytes: Uint8Array) => {
  try {
    parsePacket(bytes)
  } catch (error) {
    expect(error).toMatchObject({ code: 'PROTOCOL_ERROR' })
  }
}

describe('the frame codec', () => {
  it('gives back every frame it was given, in order', () => {
    const packet = parsePacket(encodePacket(everything(), 2 ** 32 + 5))
    expect(packet.ack).toBe(5)
    expect(packet.frames).toEqual([
      ...sequenced.map((frame, index) => ({ sequenced: true, sequence: (2 ** 32 - 3 + index) % 2 ** 32, frame })),
      ...loose.map((frame) => ({ sequenced: false, frame })),
    ])
  })

  it('sends a frame that travels alone without copying it', () => {
    const frame = encodeLoose({ type: 'ping', id: 1 })
    expect(encodePacket([frame], 0)).toBe(frame)
    expect(parsePacket(frame).frames).toEqual([{ sequenced: false, frame: { type: 'ping', id: 1 } }])
  })

  it('keeps to the bytes that were laid down for the first version', () => {
    const data = encodeSequenced({ type: 'data', channel: 3, count: 2, body: Buffer.from([1, 2]) }, 9)
    expect(encodePacket([data], 7).toString('hex')).toBe(
      ['a1000100', '07000000', '20010200', '03000000', '09000000', '02000000', '0102'].join(''),
    )
  })

  it('refuses every packet that ends too early, wherever that is', () => {
    const packet = encodePacket(everything(), 1)
    for (let length = 0; length < packet.length; length++)
      expect(() => parsePacket(packet.subarray(0, length))).toThrow(expect.objectContaining({ code: 'PROTOCOL_ERROR' }))
    expect(() => parsePacket(Buffer.concat([packet, Buffer.alloc(1)]))).toThrow('goes on after its last frame')
  })

  it('answers any bytes with a packet or one coded error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), mustNotThrowElse), { numRuns: 5000 })
    const packet = encodePacket(everything(), 1)
    fc.assert(
      fc.property(fc.nat(packet.length - 1), fc.nat(255), (position, byte) => {
        const changed = Buffer.from(packet)
        changed[position] = byte
        mustNotThrowElse(changed)
      }),
      { numRuns: 5000 },
    )
  })

  it('skips frames of a newer version that may be skipped, and only those', () => {
    const unknown = encodeLoose({ type: 'ping', id: 1 })
    unknown[8] = 0x7e
    expect(parsePacket(encodePacket([unknown], 0)).frames).toEqual([])
    unknown[8] = 0x80
    expect(() => parsePacket(unknown)).toThrow('may not be skipped')
  })
})
