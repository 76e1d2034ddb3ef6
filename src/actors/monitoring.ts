import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { ActiveAlerts } from './active-alerts.ts'
import { errorRateAlert } from './metrics-collector.ts'
import { MonitoredSource } from './monitored-source.ts'
import { alertSchema, metricsSchema, monitoringReportSchema, type Alert, type Metrics } from './payloads.ts'
import { instanceName, toTimestamp } from './report.ts'

const positiveMs = v.pipe(v.number(), v.minValue(1), v.maxValue(2_147_483_647))

const config = v.object({
  /** How often a report goes out. */
  report_every_ms: v.optional(positiveMs, 1000),
  /** Silence after which an actor that has reported before raises an alert. */
  silent_after_ms: v.optional(positiveMs, 15_000),
  /** Error rate, 0 to 1, above which an alert is raised. */
  error_rate_threshold: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.1),
})

/** Actors that are told apart; what others report is dropped with a warning, so that names of a peer cannot fill the memory. */
const mostSources = 500

interface State {
  readonly sources: Map<string, MonitoredSource>
  readonly alerts: ActiveAlerts
  hasWarned: boolean
}

/** Rolls up the metrics of all instances, raises each alert once, and says when it is over. */
export const monitoring = defineActor({
  name: 'Monitoring',
  description: 'Rolls up the metrics of all instances and keeps the alerts that are on.',
  inports: {
    Input: { kind: 'object', capacity: 100, schema: metricsSchema },
    Alert: { kind: 'object', capacity: 100, schema: alertSchema },
  },
  outports: {
    Output: { kind: 'object', capacity: 50, schema: monitoringReportSchema },
    Alert: { kind: 'object', capacity: 50, schema: alertSchema, description: 'each alert once, and its end' },
    Log: { kind: 'string' },
  },
  config,
  state: (): State => ({ sources: new Map(), alerts: new ActiveAlerts(), hasWarned: false }),
  start(context) {
    const { config: settings, state, out } = context
    let isWaiting = false
    async function report() {
      const nowMs = context.now()
      const sources = [...state.sources.values()].map((source) => source.report(nowMs))
      const silence = silenceAlerts(state, settings.silent_after_ms, nowMs)
      for (const alert of silence) await out.Alert.send(alert)
      await out.Output.send({ timestamp: toTimestamp(nowMs), sources, alerts: state.alerts.list() })
    }
    const timer = setInterval(() => {
      // While nobody takes the last report, a new one would only wait behind it.
      if (isWaiting) return
      isWaiting = true
      report()
        .catch((error: unknown) => context.signal.aborted || context.log.error(`cannot report: ${String(error)}`))
        .finally(() => (isWaiting = false))
    }, settings.report_every_ms)
    return () => clearInterval(timer)
  },
  run(context) {
    const { inputs, config: settings, state, out } = context
    if (inputs.Alert !== undefined && state.alerts.take(inputs.Alert)) out.Alert.send(inputs.Alert)
    const metrics = inputs.Input
    if (metrics === undefined) return
    const source = sourceOf(metrics, state, context.now())
    if (source === undefined) {
      if (!state.hasWarned) out.Log.send(`${instanceName(context)} monitors ${mostSources} actors; more are left out`)
      state.hasWarned = true
      return
    }
    source.add(metrics, context.now())
    if (metrics.error_rate === undefined) return
    const isHigh = metrics.error_rate > settings.error_rate_threshold
    const alert = errorRateAlert(isHigh ? 'raised' : 'cleared', metrics, metrics.error_rate, context.now())
    if (state.alerts.take(alert)) out.Alert.send(alert)
  },
})

function sourceOf(metrics: Metrics, { sources }: State, nowMs: number): MonitoredSource | undefined {
  const key = `${metrics.instance} ${metrics.actor}`
  const known = sources.get(key)
  if (known !== undefined || sources.size >= mostSources) return known
  const source = new MonitoredSource(metrics, nowMs)
  sources.set(key, source)
  return source
}

/** What is new about who has fallen silent, and who is back. */
function silenceAlerts({ sources, alerts }: State, silentAfterMs: number, nowMs: number): Alert[] {
  const all = [...sources.values()].map((source): Alert => {
    const isSilent = source.silentMs(nowMs) > silentAfterMs
    const { actor, instance } = source
    return {
      type: 'silent',
      state: isSilent ? 'raised' : 'cleared',
      severity: isSilent ? 'warning' : 'info',
      actor,
      instance,
      timestamp: toTimestamp(nowMs),
      message: isSilent
        ? `Nothing heard of ${actor} of ${instance} for ${Math.round(source.silentMs(nowMs) / 1000)} s`
        : `${actor} of ${instance} is back`,
    }
  })
  return all.filter((alert) => alerts.take(alert))
}
