import type { Bench, BenchRun, LocalBench, Sample, Side } from './bench.ts'
import { median } from './sampling.ts'
import { takePairs, takeSample } from './take-sample.ts'

/** The outcome of one bench: medians of its pairs. What does not apply is absent. */
export interface BenchResult {
  name: string
  /** Units of work per second. */
  rate?: number
  /** The floor's figure: its rate, or for `latency` its median in µs, for `spawn` its time in ms, for `slow-sink` what all queues may hold. */
  floor: number
  /** Ours in terms of the floor's: the median of the pairs' ratios. */
  ratio: number
  p50Us?: number
  p99Us?: number
  bytesPerNode?: number
  startMs?: number
  queued?: number
  heapGrowthBytes?: number
  /** How many pairs were run. */
  runs: number
  /** The version of Node. */
  node: string
}

/** What a bench has found. */
export interface BenchOutcome {
  result: BenchResult
  /** The least share of one processor that a sample had while it counted; absent where nothing was counted. */
  share: number | undefined
}

/** Takes samples of Millrace and of the floor by turns. Throws `BENCH_FAILED`; what an abort ends rejects as well. */
export async function runBench(bench: Bench, run: BenchRun): Promise<BenchOutcome> {
  const samples = 'samplePairs' in bench ? await takePairs(bench, run) : await takeSamples(bench, run)
  const shares = [...samples.millrace, ...samples.floor].flatMap(({ share }) => share ?? [])
  return {
    result: summarise(bench, samples.millrace, samples.floor),
    share: shares.length === 0 ? undefined : Math.min(...shares),
  }
}

/** Each sample in a fresh process. */
async function takeSamples(bench: LocalBench, { file, runs: asked, signal, progress }: BenchRun) {
  const runs = bench.isLong === true ? 1 : asked
  const samples: Record<Side, Sample[]> = { millrace: [], floor: [] }
  let done = 0
  for (let pair = 0; pair < runs; pair++) {
    // Who goes first changes, so that neither has the warmer machine.
    const order: Side[] = pair % 2 === 0 ? ['floor', 'millrace'] : ['millrace', 'floor']
    for (const side of order) {
      signal.throwIfAborted()
      progress(done++, 2 * runs)
      samples[side].push(await takeSample(file, bench, side, signal))
    }
  }
  return samples
}

function summarise({ name, measure }: Bench, ours: readonly Sample[], floors: readonly Sample[]): BenchResult {
  const floor = middle(floors, measure) ?? Number.NaN
  // Of each pair, whose samples were taken one after the other: what the machine does changes less within one than from one to the next.
  const ratio = median(
    ours.map((sample, pair) => (sample[measure] ?? Number.NaN) / (floors[pair]?.[measure] ?? Number.NaN)),
  )
  const rate = middle(ours, 'rate')
  const figures = (['p50Us', 'p99Us', 'bytesPerNode', 'startMs', 'queued', 'heapGrowthBytes'] as const).flatMap(
    (figure) => {
      const value = middle(ours, figure)
      return value === undefined ? [] : [[figure, rounded(value)] as const]
    },
  )
  return {
    name,
    ...(rate !== undefined && { rate: Math.round(rate) }),
    floor: rounded(floor),
    ratio: rounded(ratio),
    ...Object.fromEntries(figures),
    runs: ours.length,
    node: process.version,
  }
}

function middle(samples: readonly Sample[], figure: keyof Sample): number | undefined {
  const values = samples.flatMap((sample) => sample[figure] ?? [])
  return values.length === 0 ? undefined : median(values)
}

/** Whole above a thousand, else four digits that count: no sample is more exact. */
function rounded(value: number): number {
  return value >= 1_000 ? Math.round(value) : Number(value.toPrecision(4))
}
