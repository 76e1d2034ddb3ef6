import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { dataCollector, type DataRecord, type Metrics } from '../../src/actors/index.ts'
import { startRig, type Rig } from './rig.ts'

const csv = fileURLToPath(new URL('../../resources/examples/ml-pipeline/data/seattle-weather.csv', import.meta.url))
let rig: Rig | undefined

afterEach(async () => {
  await rig?.stop()
})

async function collect(count: number, config: Record<string, unknown>, now?: () => number): Promise<DataRecord[]> {
  rig = await startRig(dataCollector, { config, ...(now && { now }) })
  const records = rig.probe<DataRecord>('Output')
  for (let index = 0; index < count; index += 1) await rig.send('Trigger', true)
  await rig.settled()
  return records.received
}

test('makes ten uniform features and a fresh id per trigger', async () => {
  const records = await collect(200, {})
  expect(new Set(records.map(({ id }) => id)).size).toBe(200)
  const features = records.flatMap((record) => record.features)
  expect(features).toHaveLength(2000)
  expect(Math.min(...features)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...features)).toBeLessThan(1)
  expect(features.reduce((sum, value) => sum + value, 0) / 2000).toBeCloseTo(0.5, 1)
  expect(records[0]?.metadata).toEqual({ source: 'sensor_array', quality: 'high' })
  expect(rig?.probe<Metrics>('Metrics').last).toMatchObject({ instance: 'test/test_001', records_collected: 200 })
})

test('gives the same records for the same seed', async () => {
  const first = await collect(5, { seed: 42 }, () => 0)
  await rig?.stop()
  expect(await collect(5, { seed: 42 }, () => 0)).toEqual(first)
  await rig?.stop()
  expect(await collect(5, { seed: 43 }, () => 0)).not.toEqual(first)
})

test('replays the days of the file and starts over with new ids', async () => {
  const records = await collect(1463, { source: 'weather', file: csv })
  expect(records).toHaveLength(1463)
  expect(new Set(records.map(({ id }) => id)).size).toBe(1463)
  expect(records[0]).toMatchObject({
    id: '2012-01-01#1',
    timestamp: '2012-01-01T00:00:00.000Z',
    metadata: { label: 0 },
  })
  expect(records[1461]).toEqual({ ...records[0], id: '2012-01-01#2' })
})

test('falls silent after the last day when it is not to repeat', async () => {
  expect(await collect(1500, { source: 'weather', file: csv, repeat: false })).toHaveLength(1461)
})

test('plants broken records of all four sorts', async () => {
  const records = await collect(400, { broken_share: 0.25, seed: 1 }, () => Date.parse('2026-01-01'))
  const short = records.filter(({ features }) => features.length === 9)
  const notFinite = records.filter(({ features }) => features.some(Number.isNaN))
  const duplicates = records.length - new Set(records.map(({ id }) => id)).size
  const early = records.filter(({ timestamp }) => timestamp > '2026-01-01T12')
  for (const count of [short.length, notFinite.length, duplicates, early.length]) {
    expect(count).toBeGreaterThan(15)
    expect(count).toBeLessThan(35)
  }
})

test('refuses to start without its file, naming node, field and what is missing', async () => {
  await expect(startRig(dataCollector, { config: { source: 'weather' } })).rejects.toThrow(/it.*file.*needs a file/s)
  const lost = startRig(dataCollector, { config: { source: 'weather', file: '/nowhere/days.csv' } })
  await expect(lost).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', message: expect.stringContaining('days.csv') })
})
