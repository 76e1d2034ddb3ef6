import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { logEvery } from './log-every.ts'
import { dataRecordSchema, metricsSchema, processedDataSchema } from './payloads.ts'
import { makeMetrics, toTimestamp } from './report.ts'

const config = v.object({
  scale: v.optional(v.pipe(v.number(), v.finite()), 2),
  offset: v.optional(v.pipe(v.number(), v.finite()), 1),
  log_every: logEvery(),
})

/** Transforms each feature (`feature * scale + offset`), and says how, so that a model can do the same with raw features. */
export const dataProcessor = defineActor({
  name: 'DataProcessor',
  description: 'Scales and shifts the features of each record and rates its quality.',
  inports: { Input: { kind: 'object', capacity: 100, schema: dataRecordSchema } },
  outports: {
    Output: { kind: 'object', capacity: 50, schema: processedDataSchema },
    Metrics: { kind: 'object', schema: metricsSchema },
    Log: { kind: 'string' },
  },
  config,
  state: () => ({ processed: 0 }),
  run(context) {
    const { inputs, config: settings, state, out } = context
    const record = inputs.Input
    if (record === undefined) return
    const startedMs = performance.now()
    const { features, metadata } = record
    const { scale, offset } = settings
    const quality = features.reduce((sum, feature) => sum + feature, 0) / Math.max(1, features.length)
    out.Output.send({
      record_id: record.id,
      processed_features: features.map((feature) => feature * scale + offset),
      quality_score: quality,
      processing_timestamp: toTimestamp(context.now()),
      ...(metadata.label !== undefined && { label: metadata.label }),
      task: metadata.task ?? 'regression',
      ...(metadata.feature_names !== undefined && { feature_names: metadata.feature_names }),
      transformation: { scale, offset },
    })
    state.processed += 1
    if (state.processed % settings.log_every === 0)
      out.Log.send(`Processed data record ${record.id} with quality score ${quality.toFixed(2)}`)
    out.Metrics.send(
      makeMetrics(context, {
        processing_time_ms: performance.now() - startedMs,
        quality_score: quality,
        records_processed: state.processed,
      }),
    )
  },
})
