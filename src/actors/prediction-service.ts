import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { parseModel, predictRaw, type LinearModel } from './learning/linear-model.ts'
import { describeScore } from './learning/measure-model.ts'
import { logEvery } from './log-every.ts'
import {
  metricsSchema,
  predictionRequestSchema,
  predictionResponseSchema,
  trainedModelSchema,
  type ModelMetrics,
  type PredictionFailure,
  type PredictionRequest,
  type PredictionResponse,
  type TrainedModel,
} from './payloads.ts'
import { makeMetrics, shortId } from './report.ts'

interface ServedModel {
  readonly id: string
  readonly model: LinearModel
  readonly metrics: ModelMetrics
}

interface State {
  current: ServedModel | undefined
  previous: ServedModel | undefined
  updates: number
  answered: number
  failed: number
}

/** Predicts from raw features with the current model, or on request with the one before it. */
export const predictionService = defineActor({
  name: 'PredictionService',
  description: 'Answers prediction requests with the newest model, or the one before it on request.',
  inports: {
    ModelUpdate: { kind: 'object', capacity: 100, schema: trainedModelSchema },
    PredictionRequest: { kind: 'object', capacity: 100, schema: predictionRequestSchema },
  },
  outports: {
    PredictionResponse: { kind: 'object', capacity: 50, schema: predictionResponseSchema },
    Log: { kind: 'string' },
    Metrics: { kind: 'object', schema: metricsSchema },
  },
  config: v.object({ log_every: logEvery() }),
  state: (): State => ({ current: undefined, previous: undefined, updates: 0, answered: 0, failed: 0 }),
  run(context) {
    const { inputs, config, state, out } = context
    if (inputs.ModelUpdate !== undefined) {
      const text = takeModel(state, inputs.ModelUpdate)
      if (text !== undefined && state.updates % config.log_every === 0) out.Log.send(text)
    }
    if (inputs.PredictionRequest === undefined) return
    const startedMs = performance.now()
    const answer = answerRequest(state, inputs.PredictionRequest)
    const processing_time_ms = performance.now() - startedMs
    const { request_id } = inputs.PredictionRequest
    out.PredictionResponse.send({ request_id, ...answer, processing_time_ms })
    if ('error' in answer) state.failed += 1
    else state.answered += 1
    out.Metrics.send(
      makeMetrics(context, { processing_time_ms, predictions: state.answered, failed_predictions: state.failed }),
    )
  },
})

/** Takes a model into use; returns a log line when it is a new one and not the same measured anew. */
function takeModel(state: State, { model_id, model_data, performance_metrics }: TrainedModel): string | undefined {
  const served = { id: model_id, model: parseModel(model_data, model_id), metrics: performance_metrics }
  const isNew = state.current?.id !== model_id
  if (isNew) {
    state.previous = state.current
    state.updates += 1
  }
  state.current = served
  return isNew ? `Updated prediction model to ${shortId(model_id)} (${describeScore(performance_metrics)})` : undefined
}

type WithoutFrame<Response> = Response extends unknown ? Omit<Response, 'request_id' | 'processing_time_ms'> : never
type Answer = WithoutFrame<PredictionResponse>

function answerRequest({ current, previous }: State, { features, model_version }: PredictionRequest): Answer {
  if (current === undefined) return failure('NO_MODEL', 'no model yet: the first one is being trained')
  const wanted = model_version ?? current.id
  const served = [current, previous].find((candidate) => candidate?.id === wanted)
  if (served === undefined) {
    const known = [current, previous].flatMap((candidate) => candidate?.id ?? []).join(', ')
    return failure('MODEL_UNKNOWN', `model "${wanted}" is not served (any more): ask for one of ${known}, or for none`)
  }
  const { feature_names: names } = served.model
  if (features.length !== names.length)
    return failure(
      'FEATURES_INVALID',
      `the model takes ${names.length} features (${names.join(', ')}), not ${features.length}`,
    )
  const predicted = predict(served, features)
  if (!Number.isFinite(predicted.prediction))
    return failure('FEATURES_INVALID', 'the features are so large that the prediction is not finite')
  return { ...predicted, model_version: served.id }
}

function predict({ model, metrics }: ServedModel, features: readonly number[]) {
  const value = predictRaw(model, features)
  if (model.task === 'classification')
    return { prediction: value >= 0.5 ? 1 : 0, confidence: Math.max(value, 1 - value) }
  // R² is the share of the labels' variance that the model explains; its root error relates to their spread as below.
  const relativeError = metrics.task === 'regression' ? Math.sqrt(Math.max(0, 1 - metrics.r2)) : 1
  return { prediction: value, confidence: Math.max(0, 1 - relativeError) }
}

function failure(code: PredictionFailure['error']['code'], message: string): Answer {
  return { error: { code, message } }
}
