import { type ActorDefinition, defineActor, Network } from '../../runtime/index.ts'
import { nodePlatform } from '../node-platform.ts'

/** Makes a network as a lab would: metrics, supervision, bounds and back pressure are always on. */
export function makeBenchNetwork(): Network {
  return new Network({ platform: nodePlatform })
}

/** Joins `Out` of one node to `In` of another. */
export function join(network: Network, from: string, to: string): void {
  network.addWire({ node: from, port: 'Out' }, { node: to, port: 'In' })
}

/** Emits whole numbers as fast as back pressure lets it. */
export const source: ActorDefinition = defineActor({
  name: 'BenchSource',
  outports: { Out: { kind: 'integer' } },
  async start({ out, signal }) {
    for (let message = 0; !signal.aborted; message++) {
      const sent = out.Out.send(message)
      if (sent !== undefined) await sent
    }
  },
})

/** Counts what it gets. */
export function makeSink(): { actor: ActorDefinition; count(): number } {
  let received = 0
  const actor = defineActor({
    name: 'BenchSink',
    inports: { In: {} },
    run() {
      received++
    },
  })
  return { actor, count: () => received }
}
