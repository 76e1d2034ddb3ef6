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
}

/** The figures by which a bench may be compared with its floor. */
export type Measure = 'rate' | 'p50Us' | 'startMs'

/** What a sample may use of its process. */
export interface SampleTools {
  /** Starts a further fresh process, which runs one of the bench's `parts`. It ends with this one. */
  startPart(part: string): ChildProcess
}

/**
 * One bench: the same work by Millrace and by the least that could do it. To add one, write a file that exports it and name it in
 * `benches.ts`.
 */
export interface Bench {
  readonly name: string
  /** One line for `--help` and the screen. */
  readonly about: string
  /** What the rate counts, such as `hops/s`. */
  readonly unit: string
  /** Which figure is set against the floor's. */
  readonly measure: Measure
  /** Takes one sample of Millrace. */
  millrace(tools: SampleTools): Promise<Sample>
  /** Takes one sample of the floor. */
  floor(tools: SampleTools): Promise<Sample>
  /** What further processes of a sample do, by name. */
  readonly parts?: Readonly<Record<string, () => Promise<void>>>
}

/** Which of the two a sample is of. */
export type Side = 'millrace' | 'floor'
