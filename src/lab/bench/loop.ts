import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { defineActor } from '../../runtime/index.ts'
import type { Bench, Sample } from './bench.ts'
import { makeBenchNetwork } from './bench-network.ts'
import { BareActor, RunQueue } from './floor.ts'
import { quantile } from './sampling.ts'

/** Messages that go round and round. */
const lanes = 256
const warmUps = 50
const probes = 200

/** How late a timer of 5 ms is while a loop of messages feeds itself at full speed. */
export const loopTimers: Bench = {
  name: 'loop-timers',
  about: 'how late a timer is while a loop of messages feeds itself at full speed',
  unit: 'timers/s',
  measure: 'p50Us',
  millrace: () => spin().then(() => sampleDelays(probeTimer)),
  floor: () => spinBare().then(() => sampleDelays(probeTimer)),
}

/** How soon an HTTP request is answered meanwhile, by the same process. */
export const loopHttp: Bench = {
  name: 'loop-http',
  about: 'how soon an HTTP request is answered while a loop of messages feeds itself',
  unit: 'answers/s',
  measure: 'p50Us',
  millrace: () => spin().then(() => sampleAnswers()),
  floor: () => spinBare().then(() => sampleAnswers()),
}

const wheel = defineActor({
  name: 'BenchWheel',
  inports: { In: { kind: 'object' } },
  outports: { Out: { kind: 'object' } },
  run({ inputs, out }) {
    if (inputs.In !== undefined) out.Out.send(inputs.In)
  },
})

async function spin(): Promise<void> {
  const network = makeBenchNetwork()
  network.addNode('wheel', wheel)
  network.addWire({ node: 'wheel', port: 'Out' }, { node: 'wheel', port: 'In' })
  for (let id = 0; id < lanes; id++) void network.send('wheel', 'In', { id, value: 0.5 })
  await network.start()
}

async function spinBare(): Promise<void> {
  const queue = new RunQueue()
  const actor = new BareActor(queue, (message, self) => self.send(message))
  actor.targets.push(actor)
  for (let id = 0; id < lanes; id++) actor.receive({ id, value: 0.5 })
}

async function probeTimer(): Promise<number> {
  const dueMs = performance.now() + 5
  await delay(5)
  return performance.now() - dueMs
}

async function sampleAnswers(): Promise<Sample> {
  const server = createServer((_request, response) => response.end('here'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true })
  return await sampleDelays(async () => {
    const begunMs = performance.now()
    await new Promise<void>((resolve, reject) => {
      const request = get({ host: '127.0.0.1', port, agent }, (response) => response.on('end', resolve).resume())
      request.on('error', reject)
    })
    return performance.now() - begunMs
  })
}

async function sampleDelays(probe: () => Promise<number>): Promise<Sample> {
  const delaysUs: number[] = []
  for (let count = -warmUps; count < probes; count++) {
    const delayMs = await probe()
    if (count >= 0) delaysUs.push(1_000 * delayMs)
  }
  return { p50Us: quantile(delaysUs, 0.5), p99Us: quantile(delaysUs, 0.99) }
}
