import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { logEvery } from './log-every.ts'
import { dataRecordSchema, metricsSchema, type DataRecord } from './payloads.ts'
import { RecentIds } from './recent-ids.ts'
import { RecentValues } from './recent-values.ts'
import { makeMetrics } from './report.ts'

const wholeNumber = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most))

const config = v.object({
  /** How many features a record has. */
  feature_count: v.optional(wholeNumber(1, 10_000), 10),
  /** How far another machine's clock may be ahead. */
  clock_skew_ms: v.optional(v.pipe(v.number(), v.minValue(0)), 1000),
  /** Ids that are remembered to find duplicates. */
  remember_ids: v.optional(wholeNumber(1, 1_000_000), 10_000),
  /** Records over which the error rate is taken. */
  window: v.optional(wholeNumber(1, 10_000), 100),
  /** How many rejected records one log line stands for; each of them is a dead letter anyhow. */
  log_every: logEvery(),
})

/** A rate over fewer records says nothing: one bad record of three would be a scandal. */
const fewestForRate = 20

/** A record whose shape is right; what its values must be, `judge` says, so that it can name every fault at once. */
const recordShape = v.object({
  ...dataRecordSchema.entries,
  timestamp: v.string(),
  features: v.array(v.unknown()),
})

/** Lets sound records pass and rejects broken ones with every reason found; its metrics carry the recent `error_rate`. */
export const dataValidator = defineActor({
  name: 'DataValidator',
  description: 'Lets sound records pass; broken ones become dead letters with their reasons.',
  // Anything may come in: what is no record is a broken record, and counts in the error rate.
  inports: { Input: { capacity: 100 } },
  outports: {
    Valid: { kind: 'object', capacity: 50, schema: dataRecordSchema },
    Metrics: { kind: 'object', schema: metricsSchema },
    Log: { kind: 'string' },
  },
  config,
  state: ({ remember_ids, window }) => ({
    ids: new RecentIds(remember_ids),
    recent: new RecentValues<'sound' | 'broken'>(window),
    recentBroken: 0,
    validated: 0,
    rejected: 0,
  }),
  run(context) {
    const { inputs, config: settings, state } = context
    const { record, reasons } = judge(inputs.Input, settings, context.now(), (id) => state.ids.has(id))
    const verdict = record === undefined ? 'broken' : 'sound'
    if (state.recent.add(verdict) === 'broken') state.recentBroken -= 1
    if (verdict === 'broken') state.recentBroken += 1
    state.validated += 1
    if (record === undefined) {
      state.rejected += 1
      context.reject(reasons.join('; '))
    } else {
      state.ids.add(record.id)
      context.out.Valid.send(record)
    }
    context.out.Metrics.send(
      makeMetrics(context, {
        records_validated: state.validated,
        records_rejected: state.rejected,
        ...(state.recent.size >= fewestForRate && { error_rate: state.recentBroken / state.recent.size }),
      }),
    )
    if (record === undefined && state.rejected % settings.log_every === 0)
      context.out.Log.send(`Rejected a record: ${reasons.join('; ')}`)
  },
})

type Verdict = { record: DataRecord; reasons: [] } | { record: undefined; reasons: string[] }

function judge(
  value: unknown,
  settings: v.InferOutput<typeof config>,
  nowMs: number,
  isKnown: (id: string) => boolean,
): Verdict {
  const shape = v.safeParse(recordShape, value)
  if (!shape.success) {
    const reasons = shape.issues.map((issue) => `${v.getDotPath(issue) ?? 'record'}: ${issue.message}`)
    return { record: undefined, reasons }
  }
  const { id, features, timestamp } = shape.output
  const reasons = [...judgeFeatures(features, settings.feature_count), ...judgeTime(timestamp, nowMs, settings)]
  if (isKnown(id)) reasons.push(`id: "${id}" has come before`)
  if (reasons.length > 0) return { record: undefined, reasons }
  return { record: { ...shape.output, features: features as number[] }, reasons: [] }
}

function judgeFeatures(features: readonly unknown[], expected: number): string[] {
  const reasons = features.length === expected ? [] : [`features: expected ${expected}, got ${features.length}`]
  const broken = features.findIndex((feature) => !Number.isFinite(feature))
  if (broken >= 0) reasons.push(`features[${broken}]: ${String(features[broken])} is not a finite number`)
  return reasons
}

function judgeTime(timestamp: string, nowMs: number, settings: { clock_skew_ms: number }): string[] {
  const timeMs = Date.parse(timestamp)
  if (Number.isNaN(timeMs)) return [`timestamp: "${timestamp}" is not an ISO 8601 instant`]
  const aheadMs = timeMs - nowMs
  return aheadMs > settings.clock_skew_ms ? [`timestamp: ${timestamp} is ${Math.round(aheadMs)} ms in the future`] : []
}
