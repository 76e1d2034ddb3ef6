import { monitorEventLoopDelay, performance, type IntervalHistogram } from 'node:perf_hooks'
import type { ProcessSnapshot } from '../shared/index.ts'

const nanosecondsPerMs = 1e6
const resolutionMs = 20

/** Measures the thread it is made on: event-loop lag, how busy it is, heap. */
export class ProcessSampler {
  readonly #lag: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs })
  readonly #startedAtMs = performance.now()
  #utilization = performance.eventLoopUtilization()

  constructor() {
    this.#lag.enable()
  }

  /** Measures since the last sample. */
  sample(): ProcessSnapshot {
    const utilization = performance.eventLoopUtilization()
    const since = performance.eventLoopUtilization(utilization, this.#utilization)
    this.#utilization = utilization
    const snapshot = {
      pid: process.pid,
      uptimeMs: performance.now() - this.#startedAtMs,
      loopLagP99Ms: lagOf(this.#lag.percentile(99)),
      loopLagMaxMs: lagOf(this.#lag.max),
      cpu: since.utilization,
      heapBytes: process.memoryUsage().heapUsed,
    }
    this.#lag.reset()
    return snapshot
  }

  /** Ends the measuring. */
  stop(): void {
    this.#lag.disable()
  }
}

/** The histogram holds the time between two ticks of its timer, so the lag is what goes beyond the timer's own interval. */
function lagOf(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / nanosecondsPerMs - resolutionMs) : 0
}
