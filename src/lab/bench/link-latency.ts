import { defineActor } from '../../runtime/index.ts'
import { dialBare, listenBare } from './bare-socket.ts'
import type { PairBench, Sample, Side } from './bench.ts'
import { answerNear, linkTo, makeInstance, nextFrom, type FarAddresses } from './link-pair.ts'
import { quantile } from './sampling.ts'

/** Round trips of each side before anything counts, in stretches by turns: after 4,000 both still grew faster by a sixth, after 15,000 by nothing. */
const warmUps = { stretches: 5, each: 3_000 }
/** Round trips of one sample: few, so that what the machine does besides strikes both of a pair alike. */
const messages = 400

/** Sends a message and calls `done` when its echo has arrived. */
type RoundTrip = (id: number, done: () => void) => void

/** One message at a time to an actor of another process and back. */
export const linkLatency: PairBench = {
  name: 'link-latency',
  about: 'one message at a time to an actor in another process and back; floor: bare ws',
  unit: 'messages/s',
  measure: 'p50Us',
  leastRuns: 31,
  async samplePairs({ runs, startFar, progress }) {
    const addresses = await nextFrom<FarAddresses>(startFar())
    const trips = {
      millrace: await millraceTrip(addresses.millrace),
      floor: await floorTrip(addresses.floor),
    }
    const samples: Record<Side, Sample[]> = { millrace: [], floor: [] }
    for (let stretch = 0; stretch < warmUps.stretches; stretch++)
      for (const side of ['floor', 'millrace'] as const) await pingPong(trips[side], warmUps.each)
    for (let run = 0; run < runs; run++) {
      const order: Side[] = run % 2 === 0 ? ['floor', 'millrace'] : ['millrace', 'floor']
      for (const side of order) samples[side].push(await pingPong(trips[side], messages))
      progress(run + 1)
    }
    return samples
  },
  async far() {
    const floor = await listenBare((socket) => {
      socket.received = (values) => void socket.send(values)
    })
    const network = makeInstance('far')
    const echo = defineActor({
      name: 'BenchEcho',
      inports: { In: {} },
      outports: { Out: {} },
      run: ({ inputs, out }) => void out.Out.send(inputs.In),
    })
    network.registerLocalActor('echo', echo, {}, { exported: true })
    await network.start()
    answerNear({ millrace: network.address ?? '', floor }, () => 0)
  },
}

async function millraceTrip(address: string): Promise<RoundTrip> {
  const network = makeInstance('near')
  await network.start()
  await linkTo(network, address)
  const remote = await network.registerRemoteActor('echo', 'far')
  let arrived = () => {}
  let send: (message: unknown) => unknown = () => undefined
  const player = defineActor({
    name: 'BenchPlayer',
    inports: { In: {} },
    outports: { Out: {} },
    start({ out }) {
      send = (message) => out.Out.send(message)
    },
    run: () => arrived(),
  })
  network.registerLocalActor('player', player)
  network.connect({ node: 'player', port: 'Out' }, { node: remote, port: 'In' })
  network.connect({ node: remote, port: 'Out' }, { node: 'player', port: 'In' })
  return (id, done) => {
    arrived = done
    send({ id })
  }
}

async function floorTrip(address: string): Promise<RoundTrip> {
  const socket = await dialBare(address)
  return (id, done) => {
    socket.received = done
    void socket.send([{ id }])
  }
}

/** Goes back and forth so many times, each time as soon as the last echo has arrived. */
function pingPong(trip: RoundTrip, rounds: number): Promise<Sample> {
  const timesUs = new Float64Array(rounds)
  return new Promise((resolve) => {
    let id = 0
    let begunMs = performance.now()
    const returned = () => {
      const nowMs = performance.now()
      timesUs[id++] = 1_000 * (nowMs - begunMs)
      begunMs = nowMs
      if (id < rounds) trip(id, returned)
      else resolve({ p50Us: quantile(timesUs, 0.5), p99Us: quantile(timesUs, 0.99) })
    }
    trip(id, returned)
  })
}
