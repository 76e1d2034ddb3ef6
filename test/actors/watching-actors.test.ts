import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  dashboard,
  distributedLogger,
  metricsCollector,
  monitoring,
  type Alert,
  type Metrics,
  type MonitoringReport,
  type TrainedModel,
} from '../../src/actors/index.ts'
import { startRig, type Rig } from './rig.ts'

const timestamp = '2026-03-01T12:00:00.000Z'
let nowMs = 0
let rig: Rig | undefined

beforeEach(() => {
  nowMs = Date.parse(timestamp)
})

afterEach(async () => {
  await rig?.stop()
  vi.useRealTimers()
})

function metrics(fields: Record<string, unknown> = {}): Metrics {
  return { actor: 'data_processor', instance: 'data/data_001', timestamp, ...fields }
}

async function start(actor: Parameters<typeof startRig>[0], config: Record<string, unknown> = {}): Promise<Rig> {
  rig = await startRig(actor, { config, now: () => nowMs })
  return rig
}

test('the metrics collector passes metrics on and alerts above an error rate of 10 %', async () => {
  const { send, probe, settled } = await start(metricsCollector)
  const all = [metrics(), metrics({ error_rate: 0.1, own_figure: 3 }), metrics({ error_rate: 0.11 })]
  for (const message of all) await send('Input', message)
  await settled()
  expect(probe('Output').received).toEqual(all)
  expect(probe('Alert').received).toEqual([
    {
      type: 'high_error_rate',
      state: 'raised',
      severity: 'warning',
      actor: 'data_processor',
      instance: 'data/data_001',
      timestamp,
      error_rate: 0.11,
      message: 'High error rate: 11.0 % at data_processor of data/data_001',
    },
  ])
})

test('the metrics collector repeats an alert that lasts, and clears it once', async () => {
  const { send, probe, settled } = await start(metricsCollector, { repeat_alert_ms: 1000, error_rate_threshold: 0.5 })
  const states = () => probe<Alert>('Alert').received.map(({ state }) => state)
  for (const rate of [0.6, 0.7]) await send('Input', metrics({ error_rate: rate }))
  await settled()
  expect(states()).toEqual(['raised'])
  nowMs += 1000
  await send('Input', metrics({ error_rate: 0.8 }))
  for (const rate of [0.5, 0.4]) await send('Input', metrics({ error_rate: rate }))
  await settled()
  expect(states()).toEqual(['raised', 'raised', 'cleared'])
})

/** Moves the clock to the next report and gives it. */
async function report({ probe, settled }: Rig, afterMs: number): Promise<MonitoringReport> {
  nowMs += afterMs
  await vi.advanceTimersByTimeAsync(afterMs)
  await settled()
  return probe<MonitoringReport>('Output').last
}

test('monitoring rolls up rate, processing times, error rate and age of each actor', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const watch = await start(monitoring, { report_every_ms: 2000 })
  for (let index = 1; index <= 100; index += 1)
    await watch.send('Input', metrics({ processing_time_ms: index, error_rate: 0.02 }))
  await watch.send('Input', metrics({ actor: 'trainer', instance: 'ml/ml_001' }))
  await watch.settled()
  expect(await report(watch, 2000)).toEqual({
    timestamp: '2026-03-01T12:00:02.000Z',
    sources: [
      {
        actor: 'data_processor',
        instance: 'data/data_001',
        messages: 100,
        messages_per_second: 50,
        processing_p50_ms: 50,
        processing_p95_ms: 95,
        error_rate: 0.02,
        last_message_age_ms: 2000,
      },
      {
        actor: 'trainer',
        instance: 'ml/ml_001',
        messages: 1,
        messages_per_second: 0.5,
        last_message_age_ms: 2000,
      },
    ],
    alerts: [],
  })
  expect((await report(watch, 2000)).sources.map((source) => source.messages_per_second)).toEqual([0, 0])
})

test('monitoring tells each alert once, whoever raises it, and when it is over', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const watch = await start(monitoring)
  const raised: Alert = {
    type: 'high_error_rate',
    state: 'raised',
    severity: 'warning',
    actor: 'data_processor',
    instance: 'data/data_001',
    timestamp,
    message: 'High error rate',
  }
  for (let index = 0; index < 3; index += 1) await watch.send('Alert', raised)
  await watch.settled()
  nowMs += 500
  await watch.send('Input', metrics({ error_rate: 0.3 }))
  await watch.settled()
  expect(watch.probe<Alert>('Alert').received).toEqual([raised])
  expect((await report(watch, 1000)).alerts).toMatchObject([{ error_rate: 0.3, timestamp }])
  await watch.send('Input', metrics({ error_rate: 0 }))
  await watch.send('Alert', { ...raised, state: 'cleared', severity: 'info' })
  await watch.settled()
  expect(watch.probe<Alert>('Alert').received.map(({ state }) => state)).toEqual(['raised', 'cleared'])
  expect((await report(watch, 1000)).alerts).toEqual([])
})

test('monitoring says who has fallen silent, and who is back', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const watch = await start(monitoring, { silent_after_ms: 5000 })
  const alerts = watch.probe<Alert>('Alert')
  await watch.send('Input', metrics())
  await watch.settled()
  for (let second = 0; second < 8; second += 1) await report(watch, 1000)
  expect(alerts.received).toMatchObject([{ type: 'silent', state: 'raised', actor: 'data_processor' }])
  expect(alerts.last.message).toBe('Nothing heard of data_processor of data/data_001 for 6 s')
  await watch.send('Input', metrics())
  await watch.settled()
  await report(watch, 1000)
  expect(alerts.last).toMatchObject({ state: 'cleared', message: 'data_processor of data/data_001 is back' })
})

test('monitoring is not filled up by names without end', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const watch = await start(monitoring)
  for (let index = 0; index < 600; index += 1) await watch.send('Input', metrics({ actor: `actor ${index}` }))
  await watch.settled()
  expect((await report(watch, 1000)).sources).toHaveLength(500)
  expect(watch.probe('Log').received).toHaveLength(1)
})

test('the dashboard publishes model quality, predictions per second and alerts as gauges', async () => {
  const { send, settled, gauges } = await start(dashboard)
  const monitored = (alerts: Alert[] = []): MonitoringReport => ({ timestamp, sources: [], alerts })
  const model: TrainedModel = {
    model_id: 'm1',
    model_data: new Uint8Array(),
    performance_metrics: {
      task: 'classification',
      accuracy: 0.75,
      precision: 0.5,
      recall: 0.5,
      f1_score: 0.5,
      samples: 10,
      measured_on: 'holdout',
    },
    training_timestamp: timestamp,
    training_samples: 50,
  }
  const predict = async (count: number) => {
    const answer = { request_id: 'r', prediction: 1, confidence: 1, model_version: 'm1', processing_time_ms: 1 }
    for (let index = 0; index < count; index += 1) await send('Prediction', answer)
    await settled()
  }
  await send('ModelUpdate', model)
  await predict(3)
  await send('Monitoring', monitored())
  await settled()
  expect(gauges()).toEqual({ accuracy: 0.75, f1: 0.5, alerts: 0, failed_predictions: 0 })
  await predict(20)
  await send('Prediction', { request_id: 'r', error: { code: 'NO_MODEL', message: '' }, processing_time_ms: 1 })
  nowMs += 2000
  await settled()
  await send('Monitoring', monitored())
  await settled()
  expect(gauges()).toMatchObject({ predictions_per_second: 10, failed_predictions: 1 })
})

test('the logger writes one line per message, at its level, and passes messages on', async () => {
  const { send, settled, log, probe } = await start(distributedLogger, { instance_name: 'data', log_level: 'debug' })
  const messages = [
    'plain',
    'two\n  lines',
    { nested: { list: [1, NaN], bytes: new Uint8Array([1, 2]) } },
    12n,
    'x'.repeat(5000),
  ]
  for (const message of messages) await send('Input', message)
  await settled()
  const texts = log.map(({ text }) => text)
  expect(texts.slice(0, 4)).toEqual([
    '[data] plain',
    '[data] two ⏎ lines',
    '[data] { nested: { list: [ 1, NaN ], bytes: Uint8Array(2) [ 1, 2 ] } }',
    '[data] 12n',
  ])
  expect(texts[4]).toHaveLength(2000 + ' … (5007 characters)'.length)
  expect(new Set(log.map(({ level }) => level))).toEqual(new Set(['debug']))
  expect(probe('Output').received).toEqual(messages)
})

test('the logger is not held up by a text with a long run of blanks', async () => {
  const { send, settled, log } = await start(distributedLogger)
  await send('Input', `a${' '.repeat(1_000_000)}b\nc`)
  await settled()
  expect(log[0]?.text).toMatch(/^a +… \(1000006 characters\)$/)
})

test('the logger gives an alert the level it deserves', async () => {
  const { send, settled, log } = await start(distributedLogger)
  const alert = { type: 'silent', actor: 'a', instance: 'i', timestamp, message: 'Nothing heard' }
  await send('Input', { ...alert, state: 'raised', severity: 'warning' })
  await send('Input', { ...alert, state: 'cleared', severity: 'info' })
  await settled()
  expect(log).toEqual([
    { level: 'warn', text: 'Nothing heard' },
    { level: 'info', text: 'Nothing heard' },
  ])
})
