import { describe, expect, it } from 'vitest'
import type { OutgoingChannel } from '../../../src/peer/protocol/outgoing-channel.ts'
import { parsePacket } from '../../../src/peer/protocol/frame-codec.ts'
import { SessionPair } from './session-pair.ts'

const mebibyte = 1024 * 1024

/** Channels from left to right, by port. */
function withChannels(...ports: string[]): { pair: SessionPair; channels: OutgoingChannel[] } {
  const pair = new SessionPair()
  const channels = ports.map((port) => pair.left.outgoing('n', port))
  for (const channel of channels) pair.left.session.channels.openOutgoing(channel)
  pair.finish()
  // Whoever sends much would otherwise write it at once.
  pair.left.blocked = true
  return { pair, channels }
}

/** Writes and delivers one packet after the other, as a connection that takes few bytes at a time. */
function trickle(pair: SessionPair, each: (packetsSoFar: number) => void): void {
  const { left, right } = pair
  for (let packets = 0; packets < 5000; packets++) {
    left.blocked = false
    left.onWrite = () => (left.blocked = true)
    left.session.flush()
    if (left.underway.length === 0) break
    pair.deliver(left, Infinity)
    right.settle()
    pair.deliver(right, Infinity)
    each(packets)
  }
  left.onWrite = () => undefined
}

/** Millions of bytes take the assertion library a minute. */
function isSame(value: unknown, bytes: Uint8Array): boolean {
  return value instanceof Uint8Array && Buffer.from(bytes).equals(value)
}

describe('a message too long for one frame', () => {
  it('arrives whole, in parts between which heartbeats and other messages pass', () => {
    const { pair, channels } = withChannels('Large', 'Small')
    const [large, small] = channels
    const bytes = new Uint8Array(8 * mebibyte).map((_, index) => index * 7)
    expect(large?.send(bytes)).toBeUndefined()
    let arrivedAfter = -1
    let beatAfter = -1
    trickle(pair, (packets) => {
      if (packets === 10) {
        small?.send('between')
        pair.left.session.sendLoose({ type: 'ping', id: 1 })
        pair.left.pongArrived = () => (beatAfter = packets)
      }
      const taken = pair.right.sinks.get('n.Small')?.taken
      if (taken?.length === 1 && arrivedAfter < 0) arrivedAfter = packets
    })
    expect(arrivedAfter).toBeGreaterThanOrEqual(10)
    expect(arrivedAfter).toBeLessThan(14)
    expect(beatAfter).toBeGreaterThanOrEqual(10)
    expect(isSame(pair.right.sinks.get('n.Large')?.taken[0], bytes)).toBe(true)
  })

  it('arrives whole though the link is cut in the middle, again and again', () => {
    const { pair, channels } = withChannels('Large')
    const bytes = new Uint8Array(3 * mebibyte).map((_, index) => index * 11)
    void channels[0]?.send(bytes)
    void channels[0]?.send('after')
    trickle(pair, (packets) => {
      if (packets % 7 !== 0) return
      pair.cut()
      pair.attach()
    })
    pair.finish()
    const [whole, after] = pair.right.sinks.get('n.Large')?.taken ?? []
    expect(isSame(whole, bytes)).toBe(true)
    expect(after).toBe('after')
  })

  it('may take 64 MiB, and not more', () => {
    const { pair, channels } = withChannels('Large')
    expect(channels[0]?.send(new Uint8Array(64 * mebibyte - 16))).toBeUndefined()
    pair.finish()
    expect(pair.right.sinks.get('n.Large')?.taken[0]).toHaveProperty('length', 64 * mebibyte - 16)
    return expect(channels[0]?.send(new Uint8Array(64 * mebibyte))).rejects.toMatchObject({ code: 'TOO_BIG' })
  })

  it('is refused when its parts do not make what was sent', () => {
    const { pair, channels } = withChannels('Large')
    void channels[0]?.send(new Uint8Array(200_000))
    pair.left.unblock()
    const [, packet] = pair.left.underway
    if (packet) packet[100] = 1
    expect(() => pair.deliver(pair.left, Infinity)).toThrow('do not make the message that was sent')
  })

  it('is refused when one of its parts came in the place of another', () => {
    const { pair, channels } = withChannels('Large')
    void channels[0]?.send(Uint8Array.from({ length: 400_000 }, (_, index) => Math.floor(index / 131_072)))
    pair.left.unblock()
    const [, first, second] = pair.left.underway
    const headBytes = 24
    if (first && second) second.copy(first, headBytes, headBytes)
    expect(() => pair.deliver(pair.left, Infinity)).toThrow('do not make the message that was sent')
  })

  it("is whole and its owner's alone: neither what was sent nor what comes later changes it", () => {
    const { pair, channels } = withChannels('Large')
    const bytes = new Uint8Array(300_000).fill(1)
    void channels[0]?.send(bytes)
    bytes.fill(2)
    void channels[0]?.send(bytes)
    pair.finish()
    const taken = pair.right.sinks.get('n.Large')?.taken ?? []
    expect(taken.map((value) => value instanceof Uint8Array && [value.length, ...new Set(value)])).toEqual([
      [300_000, 1],
      [300_000, 2],
    ])
  })

  it('waits for credit in the middle: no more is under way than the window', () => {
    const { pair, channels } = withChannels('Large')
    void channels[0]?.send(new Uint8Array(32 * mebibyte))
    pair.left.unblock()
    const bytes = pair.left.underway.reduce((sum, packet) => sum + packet.length, 0)
    expect(bytes).toBeLessThan(8.2 * mebibyte)
    pair.finish()
    expect(pair.right.sinks.get('n.Large')?.taken).toHaveLength(1)
  })
})

describe('channels that share a link', () => {
  it('take turns, so that one with much to send does not hold up another', () => {
    const { pair, channels } = withChannels('Bulk', 'Other')
    const [bulk, other] = channels
    for (let n = 0; n < 1000; n++) void bulk?.send({ n, padding: 'x'.repeat(5000) })
    for (let n = 0; n < 20; n++) void other?.send({ n })
    let packetsBefore = -1
    trickle(pair, (packets) => {
      if (pair.right.sinks.get('n.Other')?.taken.length === 20 && packetsBefore < 0) packetsBefore = packets
    })
    expect(packetsBefore).toBeGreaterThanOrEqual(0)
    expect(packetsBefore).toBeLessThan(4)
  })

  it('are given alike when all have as much to send', () => {
    const { pair, channels } = withChannels('A', 'B', 'C')
    for (let n = 0; n < 300; n++) for (const channel of channels) void channel.send({ n, padding: 'x'.repeat(2000) })
    const count = (port: string) => pair.right.sinks.get(`n.${port}`)?.taken.length ?? 0
    trickle(pair, () => {
      const counts = ['A', 'B', 'C'].map(count)
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(60)
    })
    expect(count('A')).toBe(300)
  })
})

describe('a session that drains', () => {
  it('stops its peer from sending, after what was accepted, and loses nothing', () => {
    const { pair, channels } = withChannels('A')
    const { left, right } = pair
    let drained = false
    right.drained = () => (drained = true)
    for (let n = 0; n < 10; n++) void channels[0]?.send(n)
    right.session.askDrain()
    right.settle()
    pair.cut()
    pair.attach()
    pair.finish()
    expect(drained).toBe(true)
    expect(right.sinks.get('n.A')?.taken).toHaveLength(10)
    let accepted = false
    void channels[0]?.send('later')?.then(() => (accepted = true))
    pair.finish()
    expect(accepted).toBe(false)
    expect(left.session.drained).toBe(true)
    expect(channels[0]?.queued).toBe(1)
  })
})

it('keeps the bytes of a whole conversation as they were laid down', () => {
  const { pair, channels } = withChannels('A')
  const { left, right } = pair
  left.blocked = false
  const written: string[] = []
  void channels[0]?.send({ n: 1 })
  void channels[0]?.send([true, null, 'é', 1.5])
  left.settle()
  for (const packet of left.underway) written.push(packet.toString('hex'))
  pair.deliver(left, Infinity)
  right.session.acknowledge()
  right.session.askDrain()
  right.settle()
  for (const packet of right.underway) written.push(packet.toString('hex'))
  pair.deliver(right, Infinity)
  left.settle()
  for (const packet of left.underway) written.push(packet.toString('hex'))
  expect(written).toMatchInlineSnapshot(`
    [
      "a10001000100000020010200010000000200000015000000de0001a16e0194c3c0a2c3a9cb3ff8000000000000",
      "a100000002000000",
      "a1000200020000003300000000000000000000000c00000001000000000000000000004051010000000000000200000000000000",
      "a10001000200000052010000000000000300000000000000",
    ]
  `)
  expect(written.map((packet) => parsePacket(Buffer.from(packet, 'hex')).frames.length)).toEqual([1, 0, 2, 1])
})
