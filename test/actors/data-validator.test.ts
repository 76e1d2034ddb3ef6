import { afterEach, expect, test } from 'vitest'
import { dataCollector, dataValidator, metricsCollector, type Alert, type Metrics } from '../../src/actors/index.ts'
import { Network } from '../../src/runtime/index.ts'
import { platform, Probe, settled, startRig, type Rig } from './rig.ts'

const nowMs = Date.parse('2026-03-01T12:00:00Z')
let rig: Rig | undefined

afterEach(async () => {
  await rig?.stop()
})

async function start(config: Record<string, unknown> = {}): Promise<Rig> {
  rig = await startRig(dataValidator, { config: { feature_count: 2, ...config }, now: () => nowMs })
  return rig
}

let ids = 0
function record(fields: Record<string, unknown> = {}) {
  ids += 1
  return { id: `record ${ids}`, timestamp: '2026-03-01T11:00:00Z', features: [1, 2], metadata: {}, ...fields }
}

test('lets sound records pass unchanged', async () => {
  const { send, probe, settled: settle, reasons } = await start()
  const sound = record({ metadata: { label: 1, site: 'roof' } })
  await send('Input', sound)
  await settle()
  expect(probe('Valid').received).toEqual([sound])
  expect(reasons()).toEqual([])
})

test('makes broken records dead letters that name every fault', async () => {
  const { send, probe, settled: settle, reasons } = await start()
  const first = record()
  await send('Input', first)
  await send('Input', record({ features: [1] }))
  await send('Input', record({ features: [1, NaN] }))
  await send('Input', record({ id: first.id }))
  await send('Input', record({ timestamp: '2026-03-01T12:00:05Z' }))
  await send('Input', record({ features: [Infinity], timestamp: 'yesterday' }))
  await send('Input', { id: 5 })
  await send('Input', 'not a record')
  await settle()
  expect(probe('Valid').received).toEqual([first])
  expect(reasons()).toEqual([
    'features: expected 2, got 1',
    'features[1]: NaN is not a finite number',
    `id: "${first.id}" has come before`,
    'timestamp: 2026-03-01T12:00:05Z is 5000 ms in the future',
    'features: expected 2, got 1; features[0]: Infinity is not a finite number; timestamp: "yesterday" is not an ISO 8601 instant',
    expect.stringMatching(/^id: .*; timestamp: .*; features: .*; metadata: /),
    expect.stringMatching(/^record: /),
  ])
  expect(probe<string>('Log').received).toHaveLength(7)
})

test('takes a clock that is a little ahead, and a broken record that comes again mended', async () => {
  const { send, probe, settled: settle } = await start({ clock_skew_ms: 2000 })
  await send('Input', record({ timestamp: '2026-03-01T12:00:02Z' }))
  await send('Input', record({ id: 'mended', features: [] }))
  await send('Input', record({ id: 'mended' }))
  await settle()
  expect(probe('Valid').received).toHaveLength(2)
})

test('remembers only so many ids', async () => {
  const { send, probe, settled: settle } = await start({ remember_ids: 3 })
  for (const id of ['a', 'b', 'c', 'd', 'a', 'd']) await send('Input', record({ id }))
  await settle()
  expect(probe<{ id: string }>('Valid').received.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'a'])
})

test('tells the error rate of the newest records, once there are enough to say', async () => {
  const { send, probe, settled: settle } = await start({ window: 40 })
  const metrics = probe<Metrics>('Metrics')
  for (let index = 0; index < 19; index += 1) await send('Input', record({ features: [] }))
  await settle()
  expect(metrics.last).not.toHaveProperty('error_rate')
  for (let index = 0; index < 21; index += 1) await send('Input', record())
  await settle()
  expect(metrics.last).toMatchObject({ error_rate: 19 / 40, records_validated: 40, records_rejected: 19 })
  for (let index = 0; index < 38; index += 1) await send('Input', record())
  await settle()
  expect(metrics.last.error_rate).toBe(0)
})

test('raises the alert while a share of the records is broken, and clears it when they are sound again', async () => {
  const network = new Network({ platform })
  const alerts = new Probe<Alert>()
  const wire = (from: string, port: string, to: string, inport: string) =>
    network.addWire({ node: from, port }, { node: to, port: inport })
  network.addNode('collector', dataCollector, { metadata: { broken_share: 0.3, seed: 5 } })
  network.addNode('validator', dataValidator)
  network.addNode('metrics', metricsCollector)
  network.addNode('alerts', alerts.actor)
  wire('collector', 'Output', 'validator', 'Input')
  wire('validator', 'Metrics', 'metrics', 'Input')
  wire('metrics', 'Alert', 'alerts', 'Input')
  await network.start()
  for (let index = 0; index < 200; index += 1) await network.send('collector', 'Trigger', true)
  await settled(network)
  expect(alerts.received).toHaveLength(1)
  expect(alerts.last).toMatchObject({
    type: 'high_error_rate',
    state: 'raised',
    severity: 'warning',
    actor: 'validator',
  })
  expect(network.deadLetters().length).toBeGreaterThan(40)
  network.setConfig('collector', { broken_share: 0 })
  for (let index = 0; index < 100; index += 1) await network.send('collector', 'Trigger', true)
  await settled(network)
  expect(alerts.received).toHaveLength(2)
  expect(alerts.last.state).toBe('cleared')
  await network.stop()
})
