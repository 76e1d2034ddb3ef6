import { setImmediate as nextTurn } from 'node:timers/promises'
import { defineActor } from '../../runtime/index.ts'
import type { Bench, Sample } from './bench.ts'
import { addRow, makeBenchNetwork } from './bench-network.ts'
import { chainLength, relay } from './chain.ts'
import { BareActor, RunQueue } from './floor.ts'
import { quantile } from './sampling.ts'

const warmUps = 20_000
const messages = 20_000

/** One record at a time through an idle chain. */
export const latency: Bench = {
  name: 'latency',
  about: 'one record at a time through an idle chain of 8 actors',
  unit: 'messages/s',
  measure: 'p50Us',
  async millrace() {
    const network = makeBenchNetwork()
    let arrived = () => {}
    let send: (record: { id: number }) => unknown = () => {}
    const source = defineActor({
      name: 'BenchSingleSource',
      outports: { Out: { kind: 'object' } },
      start({ out }) {
        send = (record) => out.Out.send(record)
      },
    })
    const sink = defineActor({ name: 'BenchSingleSink', inports: { In: { kind: 'object' } }, run: () => arrived() })
    addRow(network, [source, ...Array.from({ length: chainLength }, () => relay), sink])
    await network.start()
    return await sampleLatency((id, done) => {
      arrived = done
      send({ id })
    })
  },
  async floor() {
    const queue = new RunQueue()
    let arrived = () => {}
    let first = new BareActor(queue, () => arrived())
    for (let index = 0; index < chainLength; index++) {
      const actor = new BareActor(queue, (message, self) => self.send(message))
      actor.targets.push(first)
      first = actor
    }
    return await sampleLatency((id, done) => {
      arrived = done
      first.receive({ id })
    })
  },
}

/** Sends one after the other, each when the last has arrived and the loop has turned, and tells how long they took. */
export async function sampleLatency(send: (id: number, done: () => void) => void): Promise<Sample> {
  const timesUs = new Float64Array(messages)
  for (let id = -warmUps; id < messages; id++) {
    const begunMs = performance.now()
    await new Promise<void>((resolve) => {
      send(id, () => {
        if (id >= 0) timesUs[id] = 1_000 * (performance.now() - begunMs)
        resolve()
      })
    })
    await nextTurn()
  }
  return { p50Us: quantile(timesUs, 0.5), p99Us: quantile(timesUs, 0.99) }
}
