import { type ActorDefinition, defineActor } from '../../runtime/index.ts'
import type { Bench, Sample } from './bench.ts'
import { addRow, makeBenchNetwork, makeSink, makeSource, recordMaker } from './bench-network.ts'
import { BareActor, BareSource, RunQueue } from './floor.ts'
import { sampleRate } from './sampling.ts'

/** How many actors stand between source and sink. */
export const chainLength = 8

/** Passes on what it gets. */
export const relay = defineActor({
  name: 'BenchRelay',
  inports: { In: { kind: 'object' } },
  outports: { Out: { kind: 'object' } },
  run({ inputs, out }) {
    if (inputs.In !== undefined) out.Out.send(inputs.In)
  },
})

/** Records through a chain of eight equal actors, as fast as it goes. */
export const chain: Bench = {
  name: 'chain',
  about: 'source → 8 equal actors → sink, by port handles',
  unit: 'hops/s',
  measure: 'rate',
  millrace: () => runChain(Array.from({ length: chainLength }, () => relay)),
  floor: () => runBareChain(Array.from({ length: chainLength }, () => (message, self) => self.send(message))),
}

/** Samples a chain of these actors. */
export async function runChain(actors: readonly ActorDefinition[]): Promise<Sample> {
  const network = makeBenchNetwork()
  const sink = makeSink()
  addRow(network, [makeSource(), ...actors, sink.actor])
  await network.start()
  const { rate, share } = await sampleRate(sink.count)
  // A message passes one queue before each actor and one before the sink.
  return { rate: rate * (actors.length + 1), share }
}

/** Samples a bare chain of these behaviours. */
export async function runBareChain(
  behaviours: readonly ((message: unknown, self: BareActor) => void)[],
): Promise<Sample> {
  const queue = new RunQueue()
  let received = 0
  let first = new BareActor(queue, () => {
    received++
  })
  for (const behaviour of behaviours.toReversed()) {
    const actor = new BareActor(queue, behaviour)
    actor.targets.push(first)
    first = actor
  }
  queue.add(new BareSource([first], recordMaker()))
  const { rate, share } = await sampleRate(() => received)
  return { rate: rate * (behaviours.length + 1), share }
}
