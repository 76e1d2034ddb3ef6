import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { alertSchema, metricsSchema, type Alert, type Metrics } from './payloads.ts'
import { RecentValues } from './recent-values.ts'
import { toTimestamp } from './report.ts'

const config = v.object({
  /** Metrics that are kept. */
  keep: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000)), 100),
  /** Error rate, 0 to 1, above which an alert is raised. */
  error_rate_threshold: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.1),
  /** How often an alert that lasts is raised again. */
  repeat_alert_ms: v.optional(v.pipe(v.number(), v.minValue(0)), 10_000),
})

/** Beyond so many alerts at once the memory of them starts over, and each is raised again. */
const mostActors = 1000

/** Keeps the newest metrics, passes all of them on, and raises an alert while an actor's error rate is too high. */
export const metricsCollector = defineActor({
  name: 'MetricsCollector',
  description: 'Keeps the newest metrics, passes them on, and alerts above an error rate.',
  inports: { Input: { kind: 'object', capacity: 100, schema: metricsSchema } },
  outports: {
    Output: { kind: 'object', capacity: 50, schema: metricsSchema },
    Alert: { kind: 'object', capacity: 50, schema: alertSchema },
  },
  config,
  state: ({ keep }) => ({ kept: new RecentValues<Metrics>(keep), alertedAtMs: new Map<string, number>() }),
  run(context) {
    const { inputs, config: settings, state, out } = context
    const metrics = inputs.Input
    if (metrics === undefined) return
    state.kept.add(metrics)
    out.Output.send(metrics)
    if (metrics.error_rate === undefined) return
    const source = `${metrics.instance} ${metrics.actor}`
    const alertedAtMs = state.alertedAtMs.get(source)
    const isHigh = metrics.error_rate > settings.error_rate_threshold
    const nowMs = context.now()
    if (isHigh && (alertedAtMs === undefined || nowMs - alertedAtMs >= settings.repeat_alert_ms)) {
      if (state.alertedAtMs.size >= mostActors) state.alertedAtMs.clear()
      state.alertedAtMs.set(source, nowMs)
      out.Alert.send(errorRateAlert('raised', metrics, metrics.error_rate, nowMs))
    } else if (!isHigh && alertedAtMs !== undefined) {
      state.alertedAtMs.delete(source)
      out.Alert.send(errorRateAlert('cleared', metrics, metrics.error_rate, nowMs))
    }
  },
})

/** The alert for an actor's error rate, raised or cleared. */
export function errorRateAlert(
  state: Alert['state'],
  { actor, instance }: Metrics,
  rate: number,
  nowMs: number,
): Alert {
  const percent = `${(rate * 100).toFixed(1)} %`
  return {
    type: 'high_error_rate',
    state,
    severity: state === 'raised' ? 'warning' : 'info',
    actor,
    instance,
    timestamp: toTimestamp(nowMs),
    error_rate: rate,
    message: `${state === 'raised' ? 'High error rate' : 'Error rate back to normal'}: ${percent} at ${actor} of ${instance}`,
  }
}
