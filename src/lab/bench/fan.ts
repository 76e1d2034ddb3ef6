import type { Bench } from './bench.ts'
import { makeBenchNetwork, makeSink, makeSource, recordMaker } from './bench-network.ts'
import { BareActor, BareSource, RunQueue } from './floor.ts'
import { sampleRate } from './sampling.ts'

const width = 100

/** One source whose every record goes to a hundred sinks. */
export const fanout: Bench = {
  name: 'fanout',
  about: `source → ${width} sinks, each of which gets every record`,
  unit: 'deliveries/s',
  measure: 'rate',
  async millrace() {
    const network = makeBenchNetwork()
    const sink = makeSink()
    network.addNode('source', makeSource())
    for (let index = 0; index < width; index++) {
      network.addNode(`sink${index}`, sink.actor)
      network.addWire({ node: 'source', port: 'Out' }, { node: `sink${index}`, port: 'In' })
    }
    await network.start()
    return await sampleRate(sink.count)
  },
  async floor() {
    const queue = new RunQueue()
    let received = 0
    const count = () => {
      received++
    }
    const sinks = Array.from({ length: width }, () => new BareActor(queue, count))
    queue.add(new BareSource(sinks, recordMaker()))
    return await sampleRate(() => received)
  },
}

/** A hundred sources that all send to one sink. */
export const fanin: Bench = {
  name: 'fanin',
  about: `${width} sources → sink`,
  unit: 'messages/s',
  measure: 'rate',
  async millrace() {
    const network = makeBenchNetwork()
    const sink = makeSink()
    const source = makeSource()
    network.addNode('sink', sink.actor)
    for (let index = 0; index < width; index++) {
      network.addNode(`source${index}`, source)
      network.addWire({ node: `source${index}`, port: 'Out' }, { node: 'sink', port: 'In' })
    }
    await network.start()
    return await sampleRate(sink.count)
  },
  async floor() {
    const queue = new RunQueue()
    let received = 0
    const sink = new BareActor(queue, () => {
      received++
    })
    const make = recordMaker()
    for (let index = 0; index < width; index++) queue.add(new BareSource([sink], make))
    return await sampleRate(() => received)
  },
}
