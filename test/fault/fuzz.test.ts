import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'
import { KeyRing } from '../../src/peer/key-ring.ts'
import { createWebSocketTransport, type Connection } from '../../src/peer/index.ts'
import { AcceptHandshake, DialHandshake } from '../../src/peer/protocol/handshake.ts'
import { isMillraceError } from '../../src/shared/index.ts'
import { makePeer } from '../peer/kit.ts'
import { SessionPair } from '../peer/protocol/session-pair.ts'
import { Random } from './random.ts'
import { report } from './report.ts'
import { isLong } from './scale.ts'

const seed = Number(process.env['MILLRACE_FAULT_SEED'] ?? 4711)
const running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()))
})

/** Bits changed, bytes put in or left out, an end cut off, or nothing but noise. */
function spoil(packet: Uint8Array, random: Random): Buffer {
  for (;;) {
    const spoilt = change(packet, random)
    // Two changes may undo each other.
    if (!spoilt.equals(packet)) return spoilt
  }
}

function change(packet: Uint8Array, random: Random): Buffer {
  const bytes = Buffer.from(packet)
  switch (random.below(5)) {
    case 0:
      return bytes.subarray(0, random.below(bytes.length))
    case 1:
      return Buffer.concat([bytes, Buffer.from([random.below(256)])])
    case 2:
      return Buffer.from(Array.from({ length: random.below(80) }, () => random.below(256)))
    case 3: {
      const at = random.below(bytes.length)
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + random.below(8)))])
    }
    default:
      for (let flips = 1 + random.below(4); flips > 0; flips--) {
        const at = random.below(bytes.length)
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
      }
      return bytes
  }
}

/** What one side says to the other, packet by packet, while it opens channels, sends, grants and asks. */
function conversation(): Buffer[] {
  const pair = new SessionPair()
  const said: Buffer[] = []
  pair.left.onWrite = () => said.push(Buffer.from(pair.left.underway.at(-1) ?? []))
  const channel = pair.left.outgoing('n', 'In')
  pair.left.session.channels.openOutgoing(channel)
  pair.left.session.channels.openIncoming(pair.left.incoming('n', 'Out'))
  pair.left.session.askDirectory(1)
  pair.finish()
  for (const value of [1, 'two', { three: [3n, new Uint8Array(300), new Date(0)] }]) {
    void channel.send(value)
    pair.finish()
  }
  pair.left.session.sendLoose({ type: 'ping', id: 1 })
  pair.left.session.askDrain()
  pair.finish()
  pair.left.session.sendLoose({ type: 'goaway', received: 0, reason: 'fuzz' })
  pair.left.session.flush()
  return said
}

const parts = (name: string) => ({
  identity: { networkId: name, instanceId: '1', epoch: 'e' },
  randomBytes: (count: number) => new Uint8Array(count).fill(7),
  binding: Buffer.from('plain'),
})

describe('bytes that nobody meant', () => {
  const frames = isLong ? 500_000 : 500

  it(
    `end a session with a coded error or are taken, and nothing else: ${frames} packets`,
    { timeout: 1_200_000 },
    () => {
      const random = new Random(seed)
      const packets = conversation()
      const outcomes = { taken: 0, refused: 0 }
      for (let frame = 0; frame < frames; frame++) {
        const { right } = new SessionPair()
        // What went before is as it should be, so that all that can be refused in this packet is what was spoilt.
        const at = random.below(packets.length)
        for (const packet of packets.slice(0, at)) {
          right.session.receive(packet)
          right.settle()
        }
        try {
          right.session.receive(spoil(packets[at] ?? Buffer.alloc(0), random))
          outcomes.taken++
        } catch (error) {
          if (!isMillraceError(error) || error.code !== 'PROTOCOL_ERROR') throw error
          outcomes.refused++
        }
      }
      report('packets after the proof', { seed, frames, ...outcomes, heapMiB: heapMiB() })
      expect(Math.min(outcomes.refused, outcomes.taken)).toBeGreaterThan(frames / 50)
    },
  )

  it(`end a handshake with a coded error, and prove nothing: ${frames} messages`, { timeout: 1_200_000 }, () => {
    const random = new Random(seed)
    const outcomes = { answered: 0, refused: 0, proven: 0 }
    for (let frame = 0; frame < frames; frame++) {
      const dialler = new DialHandshake({ ...parts('near'), token: 'token' }, () => undefined)
      const acceptor = new AcceptHandshake({ ...parts('far'), keys: new KeyRing(['token']) })
      const hello = dialler.start()
      try {
        const isFirst = random.chance(0.5)
        const step = acceptor.receive(isFirst ? spoil(hello, random) : hello)
        if (isFirst || !('send' in step)) {
          outcomes.answered++
          continue
        }
        const answer = dialler.receive(step.send)
        const last = acceptor.receive(spoil('send' in answer ? answer.send : hello, random))
        if ('proven' in last) outcomes.proven++
      } catch (error) {
        if (!(error instanceof Error) || error.constructor === TypeError) throw error
        outcomes.refused++
      }
    }
    report('messages before the proof', { seed, frames, ...outcomes, heapMiB: heapMiB() })
    expect(outcomes.proven).toBe(0)
    expect(outcomes.refused).toBeGreaterThan(frames / 4)
  })

  /** At the same time, each with a seed of its own. */
  const attackers = 8
  const attacks = attackers * (isLong ? 6_250 : 5)

  it(
    `do not disturb other links of the instance: ${attacks} attacks over sockets`,
    { timeout: 1_200_000 },
    async () => {
      const packets = conversation()
      const transport = createWebSocketTransport()
      const there = makePeer('there', { transport })
      running.push(there.endpoint)
      const { port } = await there.endpoint.start()
      const good = makePeer('good', { transport })
      running.push(good.endpoint)
      good.endpoint.dial(`127.0.0.1:${port}`, { token: 'there_token' })
      const channel = good.endpoint.openChannel('there', 'worker', 'In')
      const heapBefore = heapMiB()
      const taken: unknown[] = []
      let begun = 0
      const attackOn = async (random: Random) => {
        for (let attack = 0; attack < attacks / attackers; attack++) {
          await channel.send(begun++)
          if (random.chance(0.5)) await attackBefore(random, port)
          else await attackAfter(random, port, packets)
          taken.push(...there.exports.taken.splice(0))
          // What the kit keeps for other tests would hide what a link keeps.
          for (const kept of [there.logs, there.events, there.exports.opened, there.exports.closed]) kept.length = 0
        }
      }
      await Promise.all(Array.from({ length: attackers }, (_, attacker) => attackOn(new Random(seed + attacker))))
      await channel.send(attacks)
      await until(() => {
        taken.push(...there.exports.taken.splice(0))
        return taken.includes(attacks)
      })
      const heapAfter = heapMiB()
      const numbers = new Set(taken)
      const [link] = good.endpoint.links()
      report('attacks over sockets', {
        seed,
        attacks,
        heapMiB: [heapBefore, heapAfter],
        reconnects: link?.reconnects,
        lost: link?.lost,
        left: there.endpoint.links().length,
      })
      expect(link).toMatchObject({ state: 'up', reconnects: 0, lost: 0, duplicated: 0, sent: attacks + 1 })
      expect(
        Array.from({ length: attacks + 1 }, (_, number) => number).filter((number) => !numbers.has(number)),
      ).toEqual([])
      expect(heapAfter - heapBefore).toBeLessThan(8)
    },
  )

  /** A stranger that says hello wrongly. */
  async function attackBefore(random: Random, port: number): Promise<void> {
    const { connection, ended } = await dial(port, () => undefined)
    const hello = new DialHandshake({ ...parts('mallory'), token: undefined }, () => undefined).start()
    connection.send(spoil(hello, random))
    connection.close(1000, '')
    await ended
  }

  /** A peer that knows the token and then says anything. */
  async function attackAfter(random: Random, port: number, packets: readonly Buffer[]): Promise<void> {
    const handshake = new DialHandshake({ ...parts('mallory'), token: 'there_token' }, () => undefined)
    let agreed = () => {}
    const proven = new Promise<void>((done) => (agreed = done))
    const { connection, ended } = await dial(port, (bytes) => {
      try {
        const step = handshake.receive(bytes)
        if ('send' in step) connection.send(step.send)
        else agreed()
      } catch {
        agreed()
      }
    })
    connection.send(handshake.start())
    await Promise.race([proven, ended])
    connection.send(spoil(random.pick(packets), random))
    connection.close(1000, '')
    await ended
  }

  async function dial(port: number, message: (bytes: Uint8Array) => void) {
    const options = { maxPacketBytes: 4 * 1024 * 1024, signal: new AbortController().signal }
    const connection: Connection = await createWebSocketTransport().dial({ host: '127.0.0.1', port }, options)
    let over = () => {}
    const ended = new Promise<void>((done) => (over = done))
    connection.trust()
    connection.start({ message, drained: () => undefined, closed: () => over() })
    return { connection, ended }
  }
})

/** After a full collection. */
function heapMiB(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return Math.round(process.memoryUsage().heapUsed / 1024 / 1024)
}

async function until(met: () => boolean): Promise<void> {
  for (const endMs = performance.now() + 20_000; !met() && performance.now() < endMs;)
    await new Promise((done) => setTimeout(done, 1))
}
