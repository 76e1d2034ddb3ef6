import { defineActor, type ActorDefinition } from '../../runtime/index.ts'
import type { Bench } from './bench.ts'
import { makeSink } from './bench-network.ts'
import { answerCounts, dialBare, linkTo, listenBare, makeInstance, nextFrom, pumpBare, sampleFar } from './link-pair.ts'

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
export const link: Bench = {
  name: 'link',
  about: 'readings of 120 bytes (as JSON) from an actor here to one in another process; floor: bare ws, 64 in a frame',
  unit: 'messages/s',
  measure: 'rate',
  ...benchOf(readingMaker, perFrame),
}

/** Large messages to an actor of another process. */
export const linkLarge: Bench = {
  name: 'link-large',
  about: 'messages of 1 MiB from an actor here to one in another process; floor: bare ws, one in a frame',
  unit: 'MiB/s',
  measure: 'rate',
  ...benchOf(() => {
    const large = new Uint8Array(largeBytes).fill(7)
    return () => large
  }, 1),
}

function benchOf(maker: () => () => unknown, inFrame: number): Pick<Bench, 'millrace' | 'floor' | 'parts'> {
  return {
    async millrace({ startPart }) {
      const far = startPart('millraceFar')
      const network = makeInstance('near')
      await network.start()
      await linkTo(network, await nextFrom<string>(far))
      const remote = await network.registerRemoteActor('sink', 'far')
      network.registerLocalActor('source', sourceOf(maker()))
      network.connect({ node: 'source', port: 'Out' }, { node: remote, port: 'In' })
      return await sampleFar(far)
    },
    async floor({ startPart }) {
      const far = startPart('floorFar')
      const socket = await dialBare(await nextFrom<string>(far))
      const make = maker()
      void pumpBare(socket, () => Array.from({ length: inFrame }, make))
      return await sampleFar(far)
    },
    parts: {
      async millraceFar() {
        const network = makeInstance('far')
        const sink = makeSink('any')
        network.registerLocalActor('sink', sink.actor, {}, { exported: true })
        await network.start()
        answerCounts(network.address ?? '', sink.count)
      },
      async floorFar() {
        let received = 0
        const address = await listenBare((values) => (received += values.length))
        answerCounts(address, () => received)
      },
    },
  }
}

/** Emits as fast as back pressure lets it. */
function sourceOf(make: () => unknown): ActorDefinition {
  return defineActor({
    name: 'BenchLinkSource',
    outports: { Out: {} },
    async start({ out, signal }) {
      while (!signal.aborted) {
        const sent = out.Out.send(make())
        if (sent !== undefined) await sent
      }
    },
  })
}
