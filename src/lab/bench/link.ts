import { defineActor, type ActorDefinition } from '../../runtime/index.ts'
import { dialBare, listenBare, type BareSocket } from './bare-socket.ts'
import type { PairBench } from './bench.ts'
import { makeSink } from './bench-network.ts'
import { answerNear, linkTo, makeInstance, nextFrom, sampleRates, Turn, type FarAddresses } from './link-pair.ts'

const perFrame = 64
const largeBytes = 1024 * 1024

/** A reading as sensors send them: 120 bytes as JSON. */
function readingMaker(): () => object {
  let id = 0
  return () => ({
    id: ++id,
    node: 'sensor-17',
    kind: 'reading',
    at: 1_700_000_000_000 + id,
    value: id * 0.5,
    unit: 'celsius',
    ok: true,
    tags: ['a', 'b'],
  })
}

/** Small messages to an actor of another process. */
export const link: PairBench = {
  name: 'link',
  about: 'readings of 120 bytes (as JSON) from an actor here to one in another process; floor: bare ws, 64 in a frame',
  unit: 'messages/s',
  measure: 'rate',
  ...benchOf(readingMaker, perFrame),
}

/** Large messages to an actor of another process. */
export const linkLarge: PairBench = {
  name: 'link-large',
  about: 'messages of 1 MiB from an actor here to one in another process; floor: bare ws, one in a frame',
  unit: 'MiB/s',
  measure: 'rate',
  ...benchOf(() => {
    const large = new Uint8Array(largeBytes).fill(7)
    return () => large
  }, 1),
}

function benchOf(maker: () => () => unknown, inFrame: number): Pick<PairBench, 'leastRuns' | 'samplePairs' | 'far'> {
  return {
    leastRuns: 9,
    async samplePairs(tools) {
      const far = tools.startFar()
      const turns = { millrace: new Turn(), floor: new Turn() }
      const addresses = await nextFrom<FarAddresses>(far)
      const network = makeInstance('near')
      await network.start()
      await linkTo(network, addresses.millrace)
      const remote = await network.registerRemoteActor('sink', 'far')
      network.registerLocalActor('source', sourceOf(maker(), turns.millrace))
      network.connect({ node: 'source', port: 'Out' }, { node: remote, port: 'In' })
      const make = maker()
      void pump(await dialBare(addresses.floor), () => Array.from({ length: inFrame }, make), turns.floor)
      return await sampleRates(far, turns, tools)
    },
    async far() {
      let received = 0
      const floor = await listenBare((socket) => (socket.received = (values) => (received += values.length)))
      const network = makeInstance('far')
      const sink = makeSink('any')
      network.registerLocalActor('sink', sink.actor, {}, { exported: true })
      await network.start()
      const counts = { millrace: sink.count, floor: () => received }
      answerNear({ millrace: network.address ?? '', floor }, (side) => counts[side]())
    },
  }
}

/** Emits as fast as back pressure lets it. */
function sourceOf(make: () => unknown, turn: Turn): ActorDefinition {
  return defineActor({
    name: 'BenchLinkSource',
    outports: { Out: {} },
    async start({ out, signal }) {
      while (!signal.aborted) {
        const ready = turn.wait() ?? out.Out.send(make())
        if (ready !== undefined) await ready
      }
    },
  })
}

/** Sends as fast as a bare socket takes it. */
async function pump(socket: BareSocket, make: () => unknown[], turn: Turn): Promise<void> {
  for (let frames = 0; ; frames++) {
    const ready = turn.wait() ?? socket.send(make())
    if (ready !== undefined) await ready
    // Sockets are written to and read from between turns of the loop only.
    else if (frames % 32 === 31) await new Promise((resolve) => setImmediate(resolve))
  }
}
