import { type ActorDefinition, defineActor } from '../../runtime/index.ts'
import type { Bench, Sample } from './bench.ts'
import { makeBenchNetwork } from './bench-network.ts'
import { processorMs } from './sampling.ts'
import { BareActor, RunQueue } from './floor.ts'

const count = 10_000

const relay: ActorDefinition = defineActor({
  name: 'BenchRelay',
  inports: { In: {} },
  outports: { Out: {} },
  run: ({ inputs }) => ({ Out: inputs.In }),
})

/** Ten thousand nodes in a row, built and started cold. */
export const spawn: Bench = {
  name: 'spawn',
  about: `${count.toLocaleString('en')} nodes in a row, built, wired and started`,
  unit: 'nodes/s',
  measure: 'startMs',
  millrace: () =>
    sampleBuild(async () => {
      const network = makeBenchNetwork()
      network.addNode('node0', relay)
      for (let index = 1; index < count; index++) {
        network.addNode(`node${index}`, relay)
        network.addWire({ node: `node${index - 1}`, port: 'Out' }, { node: `node${index}`, port: 'In' })
      }
      await network.start()
      return () => network.snapshot().nodes.filter(({ state }) => state === 'idle' || state === 'running').length
    }),
  floor: () =>
    sampleBuild(async () => {
      const queue = new RunQueue()
      const actors = [new BareActor(queue, (message, self) => self.send(message))]
      for (let index = 1; index < count; index++) {
        const actor = new BareActor(queue, (message, self) => self.send(message))
        actors[index - 1]?.targets.push(actor)
        actors.push(actor)
      }
      return () => actors.length
    }),
}

/** Builds once, in a process that has done nothing yet, and tells how long it took and what it keeps. `build` gives what counts the nodes. */
async function sampleBuild(build: () => Promise<() => number>): Promise<Sample> {
  const before = heapBytes()
  const begunMs = processorMs()
  const countNodes = await build()
  const startMs = processorMs() - begunMs
  const bytesPerNode = (heapBytes() - before) / count
  // Asked after it was weighed, so that it is still there.
  if (countNodes() !== count) throw new Error(`${countNodes()} nodes run instead of ${count}`)
  return { startMs, bytesPerNode }
}

/** The heap after a full collection, for which the process runs with `--expose-gc`. */
function heapBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
