import { afterEach, describe, expect, it } from 'vitest'
import { createWebSocketTransport } from '../../src/peer/index.ts'
import { makePeer, type TestPeer } from '../peer/kit.ts'
import { FaultProxy, type Faults } from './fault-proxy.ts'
import { History } from './history.ts'
import { Random } from './random.ts'
import { report } from './report.ts'
import { isLong } from './scale.ts'

const cycles = isLong ? 1000 : 5
const seed = Number(process.env['MILLRACE_FAULT_SEED'] ?? 20_261)
const running: { stop(): Promise<void> }[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()))
})

function start(name: string): TestPeer {
  const peer = makePeer(name, { transport: createWebSocketTransport() })
  running.push(peer.endpoint)
  return peer
}

/** What real networks do to a connection, now one thing, now another. */
function anyFaults(random: Random): Faults {
  const cutAfterBytes = 2000 + random.below(60_000)
  return random.pick<Faults>([
    { cutAfterBytes },
    { cutAfterBytes, cut: 'half-close' },
    { cutAfterBytes, delayMs: 1, jitterMs: 5 },
    { cutAfterBytes, rate: 4_000_000 },
    {},
  ])
}

/** Sends at full rate until told to end, small messages and now and then a large one. */
async function pump(
  from: TestPeer,
  network: string,
  { history, wire }: { history: History; wire: string },
  end: AbortSignal,
) {
  const channel = from.endpoint.openChannel(network, 'worker', 'In')
  for (let turn = 1; !end.aborted; turn++) {
    await channel.send({ n: history.sent(wire), padding: 'x'.repeat(turn % 500 === 0 ? 200_000 : 20) })
    // Lets sockets and timers have their turn as well.
    if (turn % 64 === 0) await new Promise((done) => setImmediate(done))
  }
}

describe('two instances that send both ways at full rate', () => {
  it(`lose nothing, repeat nothing and keep the order through ${cycles} cuts`, { timeout: 1_200_000 }, async () => {
    const random = new Random(seed)
    const [data, ml] = [start('data'), start('ml')]
    const { port } = await data.endpoint.start()
    const proxy = await FaultProxy.start(port, seed)
    running.unshift(proxy)
    ml.endpoint.dial(proxy.address, { token: 'data_token' })
    const history = new History()
    for (const [peer, wire] of [
      [data, 'to data'],
      [ml, 'to ml'],
    ] as const) {
      history.wire(wire)
      peer.exports.take = (value) => {
        // Kept by the history alone: a long run would fill the memory.
        peer.exports.taken.length = 0
        history.taken(wire, (value as { n: number }).n)
        return undefined
      }
    }
    const ending = new AbortController()
    const sending = [
      pump(ml, 'data', { history, wire: 'to data' }, ending.signal),
      pump(data, 'ml', { history, wire: 'to ml' }, ending.signal),
    ]
    for (let cuts = 0; cuts < cycles; cuts++) {
      const before = history.takenOf('to data').length + random.below(400)
      await until(() => history.takenOf('to data').length > before)
      proxy.next = anyFaults(random)
      proxy.cut()
    }
    proxy.next = undefined
    ending.abort()
    await Promise.all(sending)
    // A check of a million messages takes longer than a handshake may, on the loop that has to do the handshake.
    await until(() => history.isComplete)
    const [link] = ml.endpoint.links()
    report('cut and resumed', {
      seed,
      cycles,
      reconnects: link?.reconnects,
      sent: link?.sent,
      received: link?.received,
      lost: link?.lost,
      duplicated: link?.duplicated,
      findings: history.check(),
    })
    expect(history.check()).toEqual([])
    expect(link).toMatchObject({ lost: 0 })
    expect(link?.reconnects).toBeGreaterThanOrEqual(cycles - 1)
  })
})

/** Looks every millisecond, for a minute; the checks that follow say what is missing. */
async function until(met: () => boolean): Promise<void> {
  const endMs = performance.now() + 60_000
  while (!met() && performance.now() < endMs) await new Promise((done) => setTimeout(done, 1))
}
