import { setTimeout as delay } from 'node:timers/promises'
import { defineActor } from '../../runtime/index.ts'
import type { Bench, Sample } from './bench.ts'
import { addRow, makeBenchNetwork, makeSource } from './bench-network.ts'
import { chainLength, relay } from './chain.ts'
import { median } from './sampling.ts'

/** Until all queues are full and all code is compiled. */
const settleMs = 20_000
const windowMs = 60_000
const lookEveryMs = 100
const sinkMs = 100
/** What every queue holds, and every outbox behind one. */
const capacity = 1_024

const sink = defineActor({
  name: 'BenchSlowSink',
  inports: { In: { kind: 'object', capacity } },
  run: () => delay(sinkMs),
})

/** Whether queues and heap keep their bounds behind a sink that takes ten messages a second, for a minute. */
export const slowSink: Bench = {
  name: 'slow-sink',
  about:
    'source → 8 actors → a sink of 10 messages/s, for a minute: the most that ever waited, of what all queues may hold',
  unit: 'messages',
  measure: 'queued',
  isLong: true,
  millrace: sampleSlowSink,
  // The queues of nine wires, and the outboxes of source and relays before them, with the one message that may wait beyond.
  floor: () => Promise.resolve({ queued: (chainLength + 1) * 2 * capacity + 1 }),
}

async function sampleSlowSink(): Promise<Sample> {
  const network = makeBenchNetwork()
  addRow(network, [makeSource(), ...Array.from({ length: chainLength }, () => relay), sink])
  await network.start()
  await delay(settleMs)
  const heaps: number[] = []
  let queued = 0
  const endsMs = performance.now() + windowMs
  for (let looks = 0; performance.now() < endsMs; looks++) {
    await delay(lookEveryMs)
    const { nodes, wires } = network.snapshot()
    let now = 0
    for (const wire of wires) now += wire.queued
    for (const { outbox } of nodes) now += outbox
    queued = Math.max(queued, now)
    if (looks % 10 === 0) heaps.push(heapBytes())
  }
  const [first, last] = [heaps.slice(0, 10), heaps.slice(-10)]
  return { queued, heapGrowthBytes: median(last) - median(first) }
}

/** The heap after a full collection, for which the process runs with `--expose-gc`. */
function heapBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
