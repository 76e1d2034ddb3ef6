import { type ActorDefinition, defineActor, Network } from '../../runtime/index.ts'
import type { MessageKind } from '../../shared/index.ts'
import { nodePlatform } from '../node-platform.ts'

/** What the messages of all benches are: a small record, made by the source and passed on as it is. */
export type BenchRecord = Readonly<{ id: number; value: number }>

/** Makes records with growing ids. */
export function recordMaker(): () => BenchRecord {
  let id = 0
  return () => ({ id: id++, value: 0.5 })
}

/** Makes a network as a lab would: metrics, supervision, bounds and back pressure are always on. */
export function makeBenchNetwork(): Network {
  return new Network({ platform: nodePlatform })
}

/** Puts nodes of these actors in a row, each wired by its first outport to the first inport of the next. */
export function addRow(network: Network, actors: readonly ActorDefinition[]): void {
  actors.forEach((actor, index) => network.addNode(`node${index}`, actor))
  actors.forEach((actor, index) => {
    const before = actors[index - 1]
    if (before === undefined) return
    const [from = ''] = Object.keys(before.outports)
    const [to = ''] = Object.keys(actor.inports)
    network.addWire({ node: `node${index - 1}`, port: from }, { node: `node${index}`, port: to })
  })
}

/** Emits records as fast as back pressure lets it. */
export function makeSource(): ActorDefinition {
  const make = recordMaker()
  return defineActor({
    name: 'BenchSource',
    outports: { Out: { kind: 'object' } },
    async start({ out, signal }) {
      while (true) {
        const sent = out.Out.send(make())
        if (sent === undefined) continue
        await sent
        if (signal.aborted) return
      }
    },
  })
}

/** Counts what it gets. */
export function makeSink(kind: MessageKind = 'object'): { actor: ActorDefinition; count(): number } {
  let received = 0
  const actor = defineActor({
    name: 'BenchSink',
    inports: { In: { kind } },
    run() {
      received++
    },
  })
  return { actor, count: () => received }
}
