import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { isHeldOut } from './learning/hold-out.ts'
import { logEvery } from './log-every.ts'
import {
  metricsSchema,
  processedDataSchema,
  trainingDataSchema,
  type ProcessedData,
  type TrainingData,
} from './payloads.ts'
import { makeMetrics, toTimestamp } from './report.ts'

const config = v.object({
  /** Records in a training batch. */
  batch_size: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)), 10),
  /** What the batches name as their source. */
  data_source: v.optional(v.string(), 'data_instance'),
  log_every: logEvery(),
})

interface State {
  training: ProcessedData[]
  heldOut: ProcessedData[]
  form: string
  processed: number
  batches: number
}

/**
 * Gathers processed records into batches to train with. Records that are held out go their own way, ahead of the batch they
 * came with, so that a model is judged by everything that came before it.
 */
export const featureEngineer = defineActor({
  name: 'FeatureEngineer',
  description: 'Gathers records into training batches and keeps a fixed fifth of them aside to judge by.',
  inports: { Input: { kind: 'object', capacity: 100, schema: processedDataSchema } },
  outports: {
    Output: { kind: 'object', capacity: 50, schema: trainingDataSchema, description: 'batches to train with' },
    Holdout: { kind: 'object', capacity: 50, schema: trainingDataSchema, description: 'batches to judge by' },
    Log: { kind: 'string' },
    Metrics: { kind: 'object', schema: metricsSchema },
  },
  config,
  state: (): State => ({ training: [], heldOut: [], form: '', processed: 0, batches: 0 }),
  run(context) {
    const { inputs, config: settings, state, out } = context
    const record = inputs.Input
    if (record === undefined) return
    const emitHeldOut = () => {
      const batch = state.heldOut.splice(0)
      if (batch.length > 0) out.Holdout.send(makeBatch(batch, toTimestamp(context.now()), settings.data_source))
    }
    const emitTraining = () => {
      emitHeldOut()
      const batch = state.training.splice(0)
      if (batch.length === 0) return
      out.Output.send(makeBatch(batch, toTimestamp(context.now()), settings.data_source))
      state.batches += 1
      if (state.batches % settings.log_every === 0)
        out.Log.send(`Generated training batch with ${batch.length} samples`)
    }
    const form = formOf(record)
    // Records of another form cannot share a batch.
    if (form !== state.form) emitTraining()
    state.form = form
    if (isHeldOut(record.record_id)) {
      if (state.heldOut.push(record) >= settings.batch_size) emitHeldOut()
    } else if (state.training.push(record) >= settings.batch_size) emitTraining()
    state.processed += 1
    out.Metrics.send(makeMetrics(context, { features_processed: state.processed }))
  },
})

function formOf({ task, transformation, feature_names, processed_features }: ProcessedData): string {
  return JSON.stringify([task, transformation, feature_names, processed_features.length])
}

function makeBatch(records: readonly ProcessedData[], timestamp: string, dataSource: string): TrainingData {
  const [first] = records
  if (first === undefined) throw new Error('a batch has at least one record')
  return {
    features: records.map((record) => record.processed_features),
    labels: records.map((record) => record.label ?? record.quality_score),
    metadata: {
      total_samples: records.length,
      feature_count: first.processed_features.length,
      training_timestamp: timestamp,
      data_source: dataSource,
      record_ids: records.map((record) => record.record_id),
      task: first.task,
      ...(first.feature_names !== undefined && { feature_names: first.feature_names }),
      transformation: first.transformation,
    },
  }
}
