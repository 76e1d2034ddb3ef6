import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { encodeModel, type LinearModel } from './learning/linear-model.ts'
import { describeScore, gaugesOf, measureModel } from './learning/measure-model.ts'
import { SampleStore } from './learning/sample-store.ts'
import type { Sample, SampleForm } from './learning/train-model.ts'
import { logEvery } from './log-every.ts'
import { metricsSchema, trainedModelSchema, trainingDataSchema } from './payloads.ts'
import { makeMetrics, publishGauges, shortId, toTimestamp } from './report.ts'

const config = v.object({
  /** Samples kept to train with, the newest; a batch of ten alone does not determine a model of ten features. */
  max_samples: v.optional(v.pipe(v.number(), v.integer(), v.minValue(10), v.maxValue(100_000)), 2000),
  /** Samples below which it does not train; three per weight when absent. */
  min_samples: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  log_every: logEvery(),
})

const samplesPerWeight = 3

/** Learns a linear model of all samples it has kept, anew for each batch: logistic for classes, least squares for numbers. */
export const modelTrainer = defineActor({
  name: 'ModelTrainer',
  description: 'Trains a logistic or linear regression on the newest samples, in slices that let others run.',
  inports: { Input: { kind: 'object', capacity: 100, schema: trainingDataSchema } },
  outports: {
    Output: { kind: 'object', capacity: 50, schema: trainedModelSchema },
    Log: { kind: 'string' },
    Metrics: { kind: 'object', schema: metricsSchema },
  },
  config,
  state: ({ max_samples }) => ({ store: new SampleStore(max_samples), trained: 0, longestSliceMs: 0 }),
  async run(context) {
    const { inputs, config: settings, state, out } = context
    if (inputs.Input === undefined) return
    state.store.add(inputs.Input)
    const samples = state.store.samples()
    const { form } = state.store
    if (form === undefined || !isEnough(samples, form, settings.min_samples)) return
    const startedMs = performance.now()
    // What computes with matrices is read by those who train, not by every program that knows the catalogue.
    const { trainModel } = await import('./learning/train-model.ts')
    const { model, longestSliceMs } = await inSlices(trainModel(samples, form), context.signal)
    const metrics = measureModel(model, samples, 'training')
    const model_id = randomUUID()
    out.Output.send({
      model_id,
      model_data: encodeModel(model),
      performance_metrics: metrics,
      training_timestamp: toTimestamp(context.now()),
      training_samples: samples.length,
    })
    state.trained += 1
    state.longestSliceMs = Math.max(state.longestSliceMs, longestSliceMs)
    const figures = { ...gaugesOf(metrics), training_samples: samples.length, longest_slice_ms: state.longestSliceMs }
    publishGauges(context, figures)
    if (state.trained % settings.log_every === 0)
      out.Log.send(
        `Trained model ${shortId(model_id)} with ${describeScore(metrics)} on its ${samples.length} training samples`,
      )
    out.Metrics.send(makeMetrics(context, { ...figures, model_id, processing_time_ms: performance.now() - startedMs }))
  },
})

/** Few samples, or samples of one class only, say nothing that holds. */
function isEnough(samples: readonly Sample[], { task, feature_names }: SampleForm, least?: number): boolean {
  if (samples.length < (least ?? samplesPerWeight * (feature_names.length + 1))) return false
  return task === 'regression' || new Set(samples.map((sample) => sample.label)).size > 1
}

/** Runs a training slice by slice, letting everything else in this thread run in between. */
async function inSlices(
  training: Generator<void, LinearModel>,
  signal: AbortSignal,
): Promise<{ model: LinearModel; longestSliceMs: number }> {
  let longestSliceMs = 0
  for (;;) {
    const startedMs = performance.now()
    const slice = training.next()
    longestSliceMs = Math.max(longestSliceMs, performance.now() - startedMs)
    if (slice.done === true) return { model: slice.value, longestSliceMs }
    await nextTurn()
    signal.throwIfAborted()
  }
}
