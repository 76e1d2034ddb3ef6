import { request as httpRequest } from 'node:http'
import { createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { httpFront, predictionService, type PredictionRequest, type TrainedModel } from '../../src/actors/index.ts'
import { encodeModel } from '../../src/actors/learning/linear-model.ts'
import { Network } from '../../src/runtime/index.ts'
import { platform, startRig, type Rig } from './rig.ts'

let rig: Rig | undefined

afterEach(async () => {
  await rig?.stop()
})

async function start(config: Record<string, unknown> = {}): Promise<{ rig: Rig; url: string }> {
  rig = await startRig(httpFront, { config: { port: 0, ...config } })
  const url = rig.log.map(({ text }) => /http:\S+/.exec(text)?.[0]).find((found) => found !== undefined)
  if (url === undefined) throw new Error('the front has not said where it listens')
  return { rig, url }
}

/** Answers requests as the prediction service would. */
async function answerNext({ probe, send }: Rig, count: number, answer: Record<string, unknown>): Promise<void> {
  const { request_id } = await probe<PredictionRequest>('PredictionRequest').until(count)
  await send('PredictionResponse', { request_id, processing_time_ms: 0.5, ...answer })
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(`${url}/predict`, { method: 'POST', body: text, headers })
  return { status: response.status, body: (await response.json()) as unknown }
}

const prediction = { prediction: 0.5, confidence: 0.9, model_version: 'm1' }

const model: TrainedModel = {
  model_id: 'm1',
  model_data: encodeModel({
    task: 'classification',
    feature_names: ['warm', 'windy'],
    coefficients: [1, 2],
    intercept: 0,
    preprocessing: { scale: 2, offset: 1, mean: [0, 0], deviation: [1, 1] },
  }),
  performance_metrics: {
    task: 'classification',
    accuracy: 0.75,
    precision: 0.7,
    recall: 0.6,
    f1_score: 0.65,
    samples: 280,
    measured_on: 'holdout',
  },
  training_timestamp: '2026-03-01T12:00:00.000Z',
  training_samples: 1170,
}

test('answers with the response to its own request, whatever the order of responses', async () => {
  const { rig: front, url } = await start()
  const first = post(url, { features: [1, 2], request_id: 'mine' })
  const one = await front.probe<PredictionRequest>('PredictionRequest').until(1)
  const second = post(url, { features: [3, 4], model_version: 'm0' })
  const two = await front.probe<PredictionRequest>('PredictionRequest').until(2)
  expect([one.features, two.features]).toEqual([
    [1, 2],
    [3, 4],
  ])
  expect(two.model_version).toBe('m0')
  const respond = (request_id: string, value: number) =>
    front.send('PredictionResponse', { ...prediction, request_id, prediction: value, processing_time_ms: 0.5 })
  await respond('somebody else', 7)
  await respond(two.request_id, 2)
  await respond(one.request_id, 1)
  expect(await first).toMatchObject({ status: 200, body: { ...prediction, prediction: 1, request_id: 'mine' } })
  expect(await second).toMatchObject({ status: 200, body: { prediction: 2, processing_time_ms: 0.5 } })
})

test('says 503 with a JSON error before the first model', async () => {
  const { rig: front, url } = await start()
  const response = post(url, { features: [1] })
  await answerNext(front, 1, { error: { code: 'NO_MODEL', message: 'no model yet' } })
  expect(await response).toEqual({ status: 503, body: { error: { code: 'NO_MODEL', message: 'no model yet' } } })
  const described = await fetch(`${url}/model`)
  expect([described.status, described.headers.get('retry-after')]).toEqual([503, '1'])
})

test('shows the model: task, version, held-out figures, counts of samples', async () => {
  const { rig: front, url } = await start()
  await front.send('ModelUpdate', model)
  await front.settled()
  const described = await fetch(`${url}/model`)
  expect(described.headers.get('content-type')).toContain('application/json')
  expect(await described.json()).toEqual({
    model_version: 'm1',
    task: 'classification',
    feature_names: ['warm', 'windy'],
    performance_metrics: { accuracy: 0.75, precision: 0.7, recall: 0.6, f1_score: 0.65 },
    measured_on: 'holdout',
    measured_samples: 280,
    training_samples: 1170,
    training_timestamp: '2026-03-01T12:00:00.000Z',
  })
  const health = await fetch(`${url}/health`)
  expect(await health.json()).toEqual({ status: 'ok', instance: 'test/test_001', model_version: 'm1', pending: 0 })
})

const featuresMissing = '"features" is missing; send {"features": [..numbers..]}'

test.each([
  ['[]', featuresMissing, 'features'],
  ['null', featuresMissing, 'features'],
  ['{}', featuresMissing, 'features'],
  ['{"features": 3}', '"features" is not a list of numbers', 'features'],
  ['{"features": []}', '"features" is empty; give at least one number', 'features'],
  ['{"features": [1, 2, 3, "4"]}', 'features[3] is not a finite number', 'features.3'],
  ['{"features": [1, null]}', 'features[1] is not a finite number', 'features.1'],
  ['{"features": [1, 1e999]}', 'features[1] is not a finite number', 'features.1'],
  ['{"features": [1], "model_version": 3}', '"model_version" is not a text', 'model_version'],
  ['{"features": [1], "request_id": ""}', '"request_id" is not a text of 1 to 200 characters', 'request_id'],
])('refuses the body %s with 400, naming the field', async (body, message, field) => {
  const { rig: front, url } = await start()
  const response = await post(url, body)
  expect(response).toEqual({ status: 400, body: { error: { code: 'BODY_INVALID', message, field } } })
  expect(front.probe('PredictionRequest').received).toEqual([])
})

test('refuses a body that is no JSON', async () => {
  const { rig: front, url } = await start()
  const response = await post(url, 'not json')
  expect(response.status).toBe(400)
  expect(response.body).toMatchObject({ error: { code: 'NOT_JSON' } })
  expect(front.probe('PredictionRequest').received).toEqual([])
})

test('passes on what the service has against a request, as 400 with its field', async () => {
  const { rig: front, url } = await start()
  const wrong = post(url, { features: [1] })
  await answerNext(front, 1, { error: { code: 'FEATURES_INVALID', message: 'takes 2' } })
  expect(await wrong).toMatchObject({ status: 400, body: { error: { field: 'features', message: 'takes 2' } } })
  const unknown = post(url, { features: [1], model_version: 'old' })
  await answerNext(front, 2, { error: { code: 'MODEL_UNKNOWN', message: 'not served' } })
  expect(await unknown).toMatchObject({ status: 400, body: { error: { field: 'model_version' } } })
})

test('gives up with 504 when no response comes, and takes no notice of a late one', async () => {
  const { rig: front, url } = await start({ timeout_ms: 20 })
  expect(await post(url, { features: [1] })).toMatchObject({ status: 504, body: { error: { code: 'TIMEOUT' } } })
  await answerNext(front, 1, prediction)
  await front.settled()
  expect(front.reasons()).toEqual([])
  expect(front.log.filter(({ level }) => level === 'error')).toEqual([])
})

test('lets only so many wait at once', async () => {
  const { rig: front, url } = await start({ max_pending: 1 })
  const first = post(url, { features: [1] })
  await front.probe('PredictionRequest').until(1)
  expect(await post(url, { features: [2] })).toMatchObject({ status: 503, body: { error: { code: 'BUSY' } } })
  await answerNext(front, 1, prediction)
  expect((await first).status).toBe(200)
})

test('refuses a body above 1 MiB, with and without a length announced', async () => {
  const { url } = await start()
  const big = `{"features":[${'1,'.repeat(600_000)}1]}`
  expect(await post(url, big)).toMatchObject({ status: 413, body: { error: { code: 'TOO_BIG' } } })
  const announced = new Promise((resolve, reject) => {
    const headers = { 'content-length': 2_000_000 }
    const client = httpRequest(`${url}/predict`, { method: 'POST', headers }, ({ statusCode }) => {
      client.destroy()
      resolve(statusCode)
    })
    client.on('error', reject)
    client.flushHeaders()
  })
  expect(await announced).toBe(413)
  // It ends: where the server hangs up at a bad moment, Node's client goes on reading a stream that nobody takes.
  let chunks = 0
  const stream = new ReadableStream({
    pull: (controller) => {
      if (chunks++ < 64) controller.enqueue(new Uint8Array(65_536).fill(32))
      else controller.close()
    },
  })
  const chunked = fetch(`${url}/predict`, { method: 'POST', body: stream, duplex: 'half' } as RequestInit)
  // The server may close before the client is done with sending: both are a refusal.
  const outcome = await chunked.then(
    ({ status }) => status,
    () => 'closed',
  )
  expect([413, 'closed']).toContain(outcome)
  expect((await fetch(`${url}/health`)).status).toBe(200)
})

test('says in JSON what is not there and what is not allowed', async () => {
  const { url } = await start()
  const lost = await fetch(`${url}/__proto__`)
  expect([lost.status, await lost.json()]).toMatchObject([404, { error: { code: 'NOT_FOUND' } }])
  const wrong = await fetch(`${url}/predict`)
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST'])
  expect(await wrong.json()).toMatchObject({ error: { message: '/predict takes POST' } })
})

test('refuses web pages: any Origin, and any Host but loopback', async () => {
  const { url } = await start()
  expect(await post(url, { features: [1] }, { origin: 'http://evil.example' })).toMatchObject({ status: 403 })
  const status = await new Promise((resolve, reject) => {
    const { port } = new URL(url)
    httpRequest({ port, path: '/model', headers: { host: 'evil.example' } }, ({ statusCode, headers }) => {
      expect(headers['access-control-allow-origin']).toBeUndefined()
      resolve(statusCode)
    })
      .on('error', reject)
      .end()
  })
  expect(status).toBe(403)
})

test('refuses a port in use, naming port and node', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const refused = start({ port })
  await expect(refused).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringMatching(new RegExp(`"it".*127\\.0\\.0\\.1:${port}`)),
  })
  await new Promise((resolve) => other.close(resolve))
})

test('serves a hundred at once, round after round', async () => {
  const texts: string[] = []
  const network = new Network({ platform, log: ({ text }) => texts.push(text) })
  network.addNode('front', httpFront, { metadata: { port: 0, timeout_ms: 15_000 } })
  network.addNode('service', predictionService)
  network.addWire({ node: 'front', port: 'PredictionRequest' }, { node: 'service', port: 'PredictionRequest' })
  network.addWire({ node: 'service', port: 'PredictionResponse' }, { node: 'front', port: 'PredictionResponse' })
  await network.start()
  await network.send('service', 'ModelUpdate', model)
  const url = texts.map((text) => /http:\S+/.exec(text)?.[0]).find((found) => found !== undefined) ?? ''
  for (let round = 0; round < 2; round += 1) {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => post(url, { features: [index, 1] })))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  }
  await network.stop()
})

test('forgets a client that leaves', async () => {
  const { rig: front, url } = await start()
  const leaving = new AbortController()
  const left = fetch(`${url}/predict`, { method: 'POST', body: '{"features":[1]}', signal: leaving.signal })
  await front.probe('PredictionRequest').until(1)
  leaving.abort()
  await expect(left).rejects.toThrow()
  const pending = async () => ((await (await fetch(`${url}/health`)).json()) as { pending: number }).pending
  while ((await pending()) > 0);
  expect(front.log.filter(({ level }) => level === 'error')).toEqual([])
})

test('tells those who wait that it stops, and frees its port', async () => {
  const { rig: front, url } = await start()
  const waiting = post(url, { features: [1] })
  await front.probe('PredictionRequest').until(1)
  await front.stop()
  expect(await waiting).toMatchObject({ status: 503, body: { error: { code: 'STOPPING' } } })
  await expect(fetch(`${url}/health`)).rejects.toThrow()
  const { rig: again } = await start({ port: Number(new URL(url).port) })
  await again.stop()
})

test('refuses to be reachable from other machines', async () => {
  await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})
