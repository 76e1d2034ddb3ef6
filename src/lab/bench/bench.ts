import type { ChildProcess } from 'node:child_process'

/** What one fresh process has measured; what does not apply is absent. */
export interface Sample {
  /** Units of work per second; the bench says which unit, and the README of which clock. */
  rate?: number
  /** How much of one processor the process had while it counted, 1 being all of it. */
  share?: number
  /** Time from one end to the other, in microseconds. */
  p50Us?: number
  p99Us?: number
  /** Heap that one node keeps, with its wire. */
  bytesPerNode?: number
  /** Time until everything is built and started. */
  startMs?: number
  /** The most messages that waited at once. */
  queued?: number
  /** How much more heap the last ten seconds needed than the first ten. */
  heapGrowthBytes?: number
}

/** The figures by which a bench may be compared with its floor. */
export type Measure = 'rate' | 'p50Us' | 'startMs' | 'queued'

/** Which of the two a sample is of. */
export type Side = 'millrace' | 'floor'

/** What a bench compares, and how it is shown. */
interface BenchFacts {
  readonly name: string
  /** One line for `--help` and the screen. */
  readonly about: string
  /** What the rate counts, such as `hops/s`. */
  readonly unit: string
  /** Which figure is set against the floor's. */
  readonly measure: Measure
  /** Takes a minute: runs only when it is named, and once. */
  readonly isLong?: boolean
}

/** A bench of one process: each sample is taken in a fresh one. */
export interface LocalBench extends BenchFacts {
  /** Takes one sample of Millrace. */
  millrace(): Promise<Sample>
  /** Takes one sample of the floor. */
  floor(): Promise<Sample>
}

/** What the near process of a `PairBench` may use. */
export interface PairTools {
  /** How many samples of each side to take. */
  readonly runs: number
  /** Starts the far process, which ends with this one. */
  startFar(): ChildProcess
  /** Tells that so many pairs of samples have been taken. */
  progress(done: number): void
}

/** A bench of two processes, which both sides share and use by turns: so neither has a warmer or a busier machine than the other. */
export interface PairBench extends BenchFacts {
  /** Takes at least so many samples of each side: between processes they differ more than within one. */
  readonly leastRuns: number
  /** Runs in the near process. */
  samplePairs(tools: PairTools): Promise<Record<Side, Sample[]>>
  /** Runs in the far process. */
  far(): Promise<void>
}

/**
 * One bench: the same work by Millrace and by the least that could do it. To add one, write a file that exports it and name it in
 * `benches.ts`.
 */
export type Bench = LocalBench | PairBench

/** How a bench is run. */
export interface BenchRun {
  /** The built `bench-sample` file. */
  file: string
  runs: number
  signal: AbortSignal
  /** Is told before each sample how many there have been, of how many. */
  progress(done: number, all: number): void
}
