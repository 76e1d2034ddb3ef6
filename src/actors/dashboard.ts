import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { gaugesOf } from './learning/measure-model.ts'
import { monitoringReportSchema, predictionResponseSchema, trainedModelSchema } from './payloads.ts'
import { publishGauges } from './report.ts'

interface State {
  predictions: number
  failed: number
  /** Where the counts stood at the last report, and when that was. */
  counted: { predictions: number; atMs: number } | undefined
}

/** The end of the pipeline: publishes its state as gauges, which the window charts. */
export const dashboard = defineActor({
  name: 'Dashboard',
  description: 'Publishes the state of the pipeline as gauges: model quality, predictions per second, alerts.',
  inports: {
    Monitoring: { kind: 'object', capacity: 100, schema: monitoringReportSchema },
    Prediction: { kind: 'object', capacity: 100, schema: predictionResponseSchema },
    ModelUpdate: { kind: 'object', capacity: 100, schema: trainedModelSchema },
  },
  config: v.object({}),
  state: (): State => ({
    predictions: 0,
    failed: 0,
    counted: undefined,
  }),
  run(context) {
    const { inputs, state } = context
    if (inputs.Prediction !== undefined) {
      if ('error' in inputs.Prediction) state.failed += 1
      else state.predictions += 1
    }
    if (inputs.ModelUpdate !== undefined) publishGauges(context, gaugesOf(inputs.ModelUpdate.performance_metrics))
    if (inputs.Monitoring === undefined) return
    context.gauge('alerts', inputs.Monitoring.alerts.length)
    context.gauge('failed_predictions', state.failed)
    // Monitoring reports at a steady pace: that is the clock by which predictions are counted.
    const rate = predictionsPerSecond(state, context.now())
    if (rate !== undefined) context.gauge('predictions_per_second', rate)
  },
})

function predictionsPerSecond(state: State, nowMs: number): number | undefined {
  const before = state.counted
  state.counted = { predictions: state.predictions, atMs: nowMs }
  if (before === undefined || nowMs <= before.atMs) return
  return ((state.predictions - before.predictions) * 1000) / (nowMs - before.atMs)
}
