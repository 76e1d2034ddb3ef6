import type { Metrics, SourceReport } from './payloads.ts'
import { RecentValues } from './recent-values.ts'

const keptTimes = 200

/** What one actor of one instance has reported. */
export class MonitoredSource {
  readonly actor: string
  readonly instance: string
  readonly #times = new RecentValues<number>(keptTimes)
  #messages = 0
  #errorRate: number | undefined
  #lastMessageMs: number
  #reportedMessages = 0
  #reportedMs: number

  constructor({ actor, instance }: Metrics, nowMs: number) {
    this.actor = actor
    this.instance = instance
    this.#lastMessageMs = nowMs
    this.#reportedMs = nowMs
  }

  add({ processing_time_ms, error_rate }: Metrics, nowMs: number): void {
    this.#messages += 1
    this.#lastMessageMs = nowMs
    if (processing_time_ms !== undefined) this.#times.add(processing_time_ms)
    if (error_rate !== undefined) this.#errorRate = error_rate
  }

  /** Milliseconds since it was last heard of. */
  silentMs(nowMs: number): number {
    return Math.max(0, nowMs - this.#lastMessageMs)
  }

  /** The report; its rate runs from the report before. */
  report(nowMs: number): SourceReport {
    const elapsedMs = nowMs - this.#reportedMs
    const rate = elapsedMs > 0 ? ((this.#messages - this.#reportedMessages) * 1000) / elapsedMs : 0
    this.#reportedMessages = this.#messages
    this.#reportedMs = nowMs
    const times = this.#times.toArray().sort((one, other) => one - other)
    const half = quantile(times, 0.5)
    const most = quantile(times, 0.95)
    return {
      actor: this.actor,
      instance: this.instance,
      messages: this.#messages,
      messages_per_second: rate,
      ...(half !== undefined && { processing_p50_ms: half }),
      ...(most !== undefined && { processing_p95_ms: most }),
      ...(this.#errorRate !== undefined && { error_rate: this.#errorRate }),
      last_message_age_ms: this.silentMs(nowMs),
    }
  }
}

/** The value below which that share of the sorted values lies (nearest rank). */
export function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
}
