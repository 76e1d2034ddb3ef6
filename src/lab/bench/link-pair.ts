import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { DistributedNetwork } from '../distributed-network.ts'
import type { PairTools, Sample, Side } from './bench.ts'
import { processorMs } from './sampling.ts'

const token = 'bench'
/** Processor time that each side uses before anything counts: its code is compiled then. */
const warmMs = 1_500
/** Processor time of one sample, in which the other side rests. */
const windowMs = 300
const settleMs = 30
const lookMs = 20
const longestMs = 15_000

/** Where the far process of a link bench listens. */
export interface FarAddresses {
  millrace: string
  floor: string
}

/** What the far process has received, and the processor time that it has used. */
interface FarCount {
  counts: Record<Side, number>
  cpuMs: number
}

/** Tells the near process where this one listens, and answers its questions until it goes. */
export function answerNear(addresses: FarAddresses, count: (side: Side) => number): void {
  process.on('message', () => {
    const counts = { millrace: count('millrace'), floor: count('floor') }
    process.send?.({ counts, cpuMs: processorMs() } satisfies FarCount)
  })
  process.send?.(addresses)
}

/** What the far process says next. */
export function nextFrom<Message>(far: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('the far process of the bench ended'))
    far.once('exit', gone)
    far.once('message', (message) => {
      far.off('exit', gone)
      resolve(message as Message)
    })
  })
}

/** Makes an instance as a lab would. */
export function makeInstance(networkId: string): DistributedNetwork {
  return new DistributedNetwork({ networkId, instanceId: `${networkId}_1`, authToken: token })
}

/** Links to the far instance. */
export async function linkTo(network: DistributedNetwork, address: string): Promise<void> {
  await network.connectToNetwork(address, { token })
}

/** Lets one of two that share a processor work while the other waits. */
export class Turn {
  #mine = false
  #waiting: (() => void)[] = []

  /** What to wait for before going on; nothing while it is its turn. */
  wait(): Promise<void> | undefined {
    if (this.#mine) return undefined
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  begin(): void {
    this.#mine = true
    for (const go of this.#waiting.splice(0)) go()
  }

  end(): void {
    this.#mine = false
  }
}

/**
 * Measures by turns how much arrives per second of the processor time of the busier of the two processes: where nothing else runs and
 * each has a core, that is per second of the clock.
 */
export async function sampleRates(
  far: ChildProcess,
  turns: Readonly<Record<Side, Turn>>,
  { runs, progress }: PairTools,
): Promise<Record<Side, Sample[]>> {
  const samples: Record<Side, Sample[]> = { millrace: [], floor: [] }
  for (const side of ['floor', 'millrace'] as const) await sampleTurn(far, turns, side, warmMs)
  for (let run = 0; run < runs; run++) {
    const order: Side[] = run % 2 === 0 ? ['floor', 'millrace'] : ['millrace', 'floor']
    for (const side of order) samples[side].push(await sampleTurn(far, turns, side, windowMs))
    progress(run + 1)
  }
  return samples
}

async function sampleTurn(
  far: ChildProcess,
  turns: Readonly<Record<Side, Turn>>,
  side: Side,
  wantedMs: number,
): Promise<Sample> {
  turns[side].begin()
  await delay(settleMs)
  const before = await look(far)
  const beganMs = performance.now()
  for (;;) {
    await delay(lookMs)
    const after = await look(far)
    const busierMs = Math.max(after.near - before.near, after.far.cpuMs - before.far.cpuMs)
    const passedMs = performance.now() - beganMs
    if (busierMs < wantedMs && passedMs < longestMs) continue
    turns[side].end()
    const arrived = after.far.counts[side] - before.far.counts[side]
    await untilQuiet(far, side)
    return { rate: (1_000 * arrived) / busierMs, share: busierMs / passedMs }
  }
}

/** Waits until everything under way has arrived, so that the other side does not pay for it. */
async function untilQuiet(far: ChildProcess, side: Side): Promise<void> {
  for (let counted = -1; ;) {
    const { counts } = (await look(far)).far
    if (counts[side] === counted) return
    counted = counts[side]
    await delay(settleMs)
  }
}

async function look(far: ChildProcess): Promise<{ near: number; far: FarCount }> {
  const answer = nextFrom<FarCount>(far)
  far.send('count')
  return { far: await answer, near: processorMs() }
}
