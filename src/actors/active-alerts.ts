import type { Alert } from './payloads.ts'

const mostAlerts = 1000

/** Which alerts are on. Tells news from repetition: an alert counts once until it is cleared. */
export class ActiveAlerts {
  readonly #alerts = new Map<string, Alert>()

  /** The alerts that are on, oldest first. */
  list(): Alert[] {
    return [...this.#alerts.values()]
  }

  /** Takes note of an alert; returns whether it is news: raised while it was off, or cleared while it was on. */
  take(alert: Alert): boolean {
    const key = `${alert.type} ${alert.instance} ${alert.actor}`
    const isOn = this.#alerts.has(key)
    if (alert.state === 'cleared') return this.#alerts.delete(key)
    // One that is on keeps its first moment and takes the newest figures. Beyond the bound the rest is not news.
    if (isOn || this.#alerts.size < mostAlerts)
      this.#alerts.set(key, { ...alert, timestamp: this.#alerts.get(key)?.timestamp ?? alert.timestamp })
    return !isOn && this.#alerts.has(key)
  }
}
