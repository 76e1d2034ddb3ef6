import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { breakRecord } from './broken-records.ts'
import { filePath } from './access.ts'
import { dataRecordSchema, metricsSchema, type DataRecord } from './payloads.ts'
import { createRandomSource, type RandomSource } from './random-source.ts'
import { makeMetrics, toTimestamp } from './report.ts'
import { readWeatherDays, weatherFeatureNames, type WeatherDay } from './weather-days.ts'

const config = v.pipe(
  v.object({
    /** `random`: ten uniform features, as in the tutorial; `weather`: daily observations from `file`. */
    source: v.optional(v.picklist(['random', 'weather']), 'random'),
    file: v.optional(filePath()),
    /** Whether to start over after the last row; ids then carry the number of the pass. */
    repeat: v.optional(v.boolean(), true),
    feature_count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)), 10),
    /** Share of records that are spoilt on purpose, to see the validator at work. */
    broken_share: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0),
    /** Makes the random data the same every time. */
    seed: v.optional(v.pipe(v.number(), v.integer())),
  }),
  v.forward(
    v.partialCheck(
      [['source'], ['file']],
      ({ source, file }) => source !== 'weather' || file !== undefined,
      'source "weather" needs a file',
    ),
    ['file'],
  ),
)

interface State {
  readonly random: RandomSource
  /** Loaded before the first trigger. */
  days: readonly WeatherDay[] | undefined
  collected: number
  broken: number
  lastGoodId: string | undefined
}

/** Collects one record per trigger: random ones, or the days of a weather file. */
export const dataCollector = defineActor({
  name: 'DataCollector',
  description: 'Collects one data record per trigger, random or from a file of real daily weather.',
  inports: { Trigger: { capacity: 100 } },
  outports: {
    Output: { kind: 'object', capacity: 50, schema: dataRecordSchema },
    Metrics: { kind: 'object', schema: metricsSchema },
  },
  config,
  state: ({ seed }): State => ({
    random: createRandomSource(seed),
    days: undefined,
    collected: 0,
    broken: 0,
    lastGoodId: undefined,
  }),
  async start({ config: { source, file }, state }) {
    if (source === 'weather' && file !== undefined) state.days = await readWeatherDays(file)
  },
  run(context) {
    const { config: settings, state } = context
    const record =
      state.days === undefined
        ? randomRecord(state.random, settings.feature_count, context.now())
        : weatherRecord(state.days, state.collected, settings.repeat)
    if (record === undefined) return
    state.collected += 1
    return {
      Output: maybeBreak(record, state, settings.broken_share, context.now()),
      Metrics: makeMetrics(context, { records_collected: state.collected, records_broken: state.broken }),
    }
  },
})

function randomRecord(random: RandomSource, featureCount: number, nowMs: number): DataRecord {
  return {
    id: random.uuid(),
    timestamp: toTimestamp(nowMs),
    features: Array.from({ length: featureCount }, random.next),
    metadata: { source: 'sensor_array', quality: 'high' },
  }
}

function weatherRecord(days: readonly WeatherDay[], index: number, repeat: boolean): DataRecord | undefined {
  const day = days[index % days.length]
  const pass = Math.floor(index / days.length) + 1
  if (day === undefined || (pass > 1 && !repeat)) return
  return {
    id: `${day.date}#${pass}`,
    timestamp: `${day.date}T00:00:00.000Z`,
    features: [...day.features],
    metadata: {
      source: 'weather',
      label: day.wet,
      task: 'classification',
      feature_names: [...weatherFeatureNames],
    },
  }
}

function maybeBreak(record: DataRecord, state: State, brokenShare: number, nowMs: number): DataRecord {
  const earlierId = state.lastGoodId
  // The first record stays whole: without it there is no id to use twice.
  if (earlierId !== undefined && state.random.next() < brokenShare) {
    state.broken += 1
    return breakRecord(record, state.broken - 1, earlierId, nowMs)
  }
  state.lastGoodId = record.id
  return record
}
