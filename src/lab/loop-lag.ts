import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks'

const nanosecondsPerSecond = 1e9
const resolutionMs = 20

/** How late the event loop of a thread is, from the start on; `GET /metrics` tells it. */
export class LoopLag {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs })

  start(): void {
    this.#delay.enable()
  }

  stop(): void {
    this.#delay.disable()
  }

  /** Seconds that so many of a hundred turns were late at most. */
  percentile(percent: number): number {
    const seconds = this.#delay.percentile(percent) / nanosecondsPerSecond
    // It holds the time between two ticks of its timer, so the lag is what goes beyond the timer's own interval.
    return Number.isFinite(seconds) ? Math.max(0, seconds - resolutionMs / 1_000) : 0
  }
}
