import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { assertNever, isMillraceError, port } from '../shared/index.ts'
import { createJsonServer, type Routes } from './http/json-server.ts'
import { close, listen } from './http/listen.ts'
import { PendingRequests } from './http/pending-requests.ts'
import { parsePredictionBody } from './http/prediction-body.ts'
import { HttpProblem } from './http/problem.ts'
import { parseModel } from './learning/linear-model.ts'
import {
  metricsSchema,
  predictionRequestSchema,
  predictionResponseSchema,
  trainedModelSchema,
  type PredictionFailure,
  type PredictionRequest,
  type TrainedModel,
} from './payloads.ts'
import { instanceName, makeMetrics } from './report.ts'

const config = v.object({
  port: v.optional(port(), 9080),
  /** Loopback only: it has neither login nor TLS. */
  host: v.optional(v.picklist(['127.0.0.1', '::1', 'localhost']), '127.0.0.1'),
  timeout_ms: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(600_000)), 5000),
  /** Requests that may wait for their prediction at once: as many as the service's inport holds, so that they do not fill our outbox. */
  max_pending: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)), 100),
})

/** Serves predictions over HTTP: `POST /predict` goes out as a request and waits for the response of the same id. */
export const httpFront = defineActor({
  name: 'HttpFront',
  description: 'Serves POST /predict, GET /model and GET /health over HTTP on this machine.',
  inports: {
    // Far more than wait on the way there: requests and responses go in a circle, which must not fill up.
    PredictionResponse: { kind: 'object', capacity: 1000, schema: predictionResponseSchema },
    ModelUpdate: { kind: 'object', capacity: 100, schema: trainedModelSchema },
  },
  outports: {
    PredictionRequest: { kind: 'object', capacity: 50, schema: predictionRequestSchema },
    Metrics: { kind: 'object', schema: metricsSchema },
  },
  config,
  state: ({ max_pending }) => ({
    pending: new PendingRequests(max_pending),
    model: undefined as TrainedModel | undefined,
    answered: 0,
  }),
  async start(context) {
    const { config: settings, state, log, out } = context
    const routes: Routes = {
      '/predict': {
        POST: async (body, closed) => {
          const { request_id, ...wanted } = parsePredictionBody(await body())
          const request = { ...wanted, request_id: randomUUID() }
          const limits = { timeoutMs: settings.timeout_ms, closed }
          const response = await state.pending.ask(request.request_id, () => sendRequest(request), limits)
          if ('error' in response) throw problemOf(response)
          return { ...response, request_id: request_id ?? response.request_id }
        },
      },
      '/model': { GET: () => describeModel(state.model) },
      '/health': {
        GET: () => ({
          status: 'ok',
          instance: instanceName(context),
          model_version: state.model?.model_id ?? null,
          pending: state.pending.size,
        }),
      },
    }
    async function sendRequest(request: PredictionRequest) {
      try {
        await out.PredictionRequest.send(request)
      } catch (error) {
        if (!isMillraceError(error) || error.code !== 'OUTBOX_FULL') throw error
        throw new HttpProblem(503, 'BUSY', 'predictions are asked for faster than they are made: try again')
      }
    }
    const server = createJsonServer(routes, (error) => log.error(`HTTP: ${String(error)}`))
    const boundPort = await listen(server, settings.host, settings.port)
    log.info(`serves http://${settings.host === '::1' ? '[::1]' : settings.host}:${boundPort}`)
    return async () => {
      state.pending.stop()
      // Lets those answers out before their connections end.
      await nextTurn()
      await close(server)
    }
  },
  run(context) {
    const { inputs, state, out } = context
    if (inputs.ModelUpdate !== undefined) state.model = inputs.ModelUpdate
    if (inputs.PredictionResponse === undefined) return
    // Others ask the same service: a response that nobody waits for is theirs, or came too late.
    const tookMs = state.pending.settle(inputs.PredictionResponse)
    if (tookMs === undefined) return
    state.answered += 1
    out.Metrics.send(makeMetrics(context, { processing_time_ms: tookMs, requests_answered: state.answered }))
  },
})

function problemOf({ error: { code, message } }: PredictionFailure): HttpProblem {
  switch (code) {
    case 'NO_MODEL':
      return new HttpProblem(503, code, message, { headers: { 'retry-after': '1' } })
    case 'MODEL_UNKNOWN':
      return new HttpProblem(400, code, message, { field: 'model_version' })
    case 'FEATURES_INVALID':
      return new HttpProblem(400, code, message, { field: 'features' })
    default:
      return assertNever(code)
  }
}

function describeModel(trained: TrainedModel | undefined) {
  if (trained === undefined)
    throw new HttpProblem(503, 'NO_MODEL', 'no model yet: the first one is being trained', {
      headers: { 'retry-after': '1' },
    })
  const { task, samples, measured_on, ...figures } = trained.performance_metrics
  const { model_id, training_samples, training_timestamp } = trained
  const model = parseModel(trained.model_data, model_id)
  return {
    model_version: model_id,
    task,
    feature_names: model.feature_names,
    performance_metrics: figures,
    measured_on,
    measured_samples: samples,
    training_samples,
    training_timestamp,
  }
}
