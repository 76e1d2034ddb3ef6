import { defineActor } from '../../runtime/index.ts'
import type { Bench } from './bench.ts'
import { join, makeBenchNetwork, makeSink, source } from './bench-network.ts'
import { BareActor, BareSource, RunQueue } from './floor.ts'
import { sampleRate } from './sampling.ts'

const length = 8
/** Queues that a message passes: one before each actor, one before the sink. */
const hops = length + 1

const relay = defineActor({
  name: 'BenchRelay',
  inports: { In: { kind: 'integer' } },
  outports: { Out: { kind: 'integer' } },
  run({ inputs, out }) {
    out.Out.send(inputs.In ?? 0)
  },
})

/** Whole numbers through a chain of actors, as fast as it goes. */
export const chain: Bench = {
  name: 'chain',
  about: 'source → 8 actors → sink, by port handles',
  unit: 'hops/s',
  measure: 'rate',
  async millrace() {
    const network = makeBenchNetwork()
    const sink = makeSink()
    network.addNode('source', source)
    for (let index = 0; index < length; index++) network.addNode(`relay${index}`, relay)
    network.addNode('sink', sink.actor)
    join(network, 'source', 'relay0')
    for (let index = 1; index < length; index++) join(network, `relay${index - 1}`, `relay${index}`)
    join(network, `relay${length - 1}`, 'sink')
    await network.start()
    return { rate: hops * (await sampleRate(sink.count)) }
  },
  async floor() {
    const queue = new RunQueue()
    let received = 0
    let next = new BareActor(queue, () => {
      received++
    })
    for (let index = 0; index < length; index++) {
      const target = next
      next = new BareActor(queue, (message) => target.push(message))
    }
    queue.add(new BareSource([next]))
    return { rate: hops * (await sampleRate(() => received)) }
  },
}
