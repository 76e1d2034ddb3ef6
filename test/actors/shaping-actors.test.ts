import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  batch,
  counter,
  csvFormat,
  csvParse,
  debounce,
  join,
  jsonFormat,
  jsonParse,
  merge,
  random,
  sort,
  split,
  template,
  throttle,
  windowStatistics,
  zip,
} from '../../src/actors/index.ts'
import { startRig } from './rig.ts'

it('puts together again what was taken apart, whatever it was', async () => {
  const apart = await startRig(split, { config: { parts: true } })
  const together = await startRig(join)
  const lists = fc.sample(fc.array(fc.jsonValue(), { minLength: 1, maxLength: 8 }), 20)
  for (const list of lists) await apart.send('Input', list)
  const parts = lists.reduce((sum, { length }) => sum + length, 0)
  await apart.probe('Output').until(parts)
  // In another order: items find their place by what they say of it.
  for (const part of [...apart.probe('Output').received].reverse()) await together.send('Input', part)
  await together.probe('Output').until(lists.length)
  const sorted = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).sort()
  expect(sorted(together.probe('Output').received)).toEqual(sorted(lists))
  await apart.stop()
  await together.stop()
})

it('loses nothing of what joins, batches and sorts have gathered when they stop', async () => {
  const joining = await startRig(join, { config: { by: 'count', count: 5 } })
  for (const item of [1, 2, 3]) await joining.send('Input', item)
  await joining.stop()
  expect(joining.probe('Incomplete').received).toEqual([[1, 2, 3]])
  const gathering = await startRig(batch, { config: { size: 2 } })
  for (const item of [1, 2, 3]) await gathering.send('Input', item)
  await gathering.stop()
  expect(gathering.probe('Output').received).toEqual([[1, 2], [3]])
  const sorting = await startRig(sort, { config: { what: 'stream', window: 2 } })
  for (const item of [3, 1, 2, 5, 4]) await sorting.send('Input', item)
  await sorting.stop()
  expect(sorting.probe('Output').received).toEqual([1, 2, 3, 4, 5])
  const quiet = await startRig(debounce, { config: { quietMs: 60_000 } })
  for (const item of [1, 2, 3]) await quiet.send('Input', item)
  await quiet.stop()
  expect([quiet.probe('Dropped').received, quiet.probe('Output').received]).toEqual([[1, 2], [3]])
})

it('gives up the oldest incomplete message when too many wait', async () => {
  const rig = await startRig(join, { config: { maxGroups: 2 } })
  for (const id of ['a', 'b', 'c']) await rig.send('Input', { id, index: 0, count: 2, value: id })
  expect(await rig.probe('Incomplete').until(1)).toEqual(['a'])
  await rig.stop()
})

it('sends a batch whose time has come', async () => {
  const rig = await startRig(batch, { config: { size: 100, maxWaitMs: 20 } })
  await rig.send('Input', 1)
  expect(await rig.probe('Output').until(1)).toEqual([1])
  await rig.stop()
})

it('pairs streams and brings them together', async () => {
  const pairs = await startRig(zip)
  for (const item of [1, 2]) await pairs.send('A', item)
  await pairs.send('B', 'one')
  expect(await pairs.probe('Output').until(1)).toEqual([1, 'one'])
  await pairs.stop()
  const newest = await startRig(merge, { config: { form: 'newest' } })
  await newest.send('A', 1)
  await newest.send('B', 2)
  expect(await newest.probe('Output').until(2)).toEqual({ A: 1, B: 2 })
  await newest.stop()
})

it('lets only so many pass, and loses none of the others', async () => {
  const rig = await startRig(throttle, { config: { messages: 2, perMs: 60_000, excess: 'drop' } })
  for (const item of [1, 2, 3, 4]) await rig.send('Input', item)
  await rig.probe('Dropped').until(2)
  expect([rig.probe('Output').received, rig.probe('Dropped').received]).toEqual([
    [1, 2],
    [3, 4],
  ])
  await rig.stop()
})

it('writes every zero as 0', async () => {
  const rig = await startRig(jsonFormat)
  for (const message of [-0, { a: -0, b: [-0, 0, -1], c: Number.NaN }]) await rig.send('Input', message)
  await rig.probe('Output').until(2)
  const nan = '{"$kind":"Float","data":"NaN"}'
  expect(rig.probe('Output').received).toEqual(['0', `{"a":0,"b":[0,0,-1],"c":${nan}}`])
  await rig.stop()
})

it('reads back what it has written as JSON and CSV', async () => {
  const written = await startRig(jsonFormat)
  const read = await startRig(jsonParse)
  const values = fc.sample(fc.jsonValue({ noUnicodeString: false } as object), 30).filter((value) => value !== null)
  for (const value of values) await written.send('Input', value)
  await written.probe('Output').until(values.length)
  for (const text of written.probe('Output').received) await read.send('Input', text)
  await read.probe('Output').until(values.length)
  expect(read.probe('Output').received).toEqual(JSON.parse(JSON.stringify(values)))
  await written.stop()
  await read.stop()
  const rows = [
    { name: 'a "quoted", field', note: 'two\nlines' },
    { name: '=1+1', note: '' },
  ]
  const csv = await startRig(csvFormat, { config: { escapeFormulas: false } })
  await csv.send('Input', rows)
  const table = await startRig(csvParse)
  await table.send('Input', await csv.probe('Output').until(1))
  await table.probe('Output').until(2)
  expect(table.probe('Output').received).toEqual(rows)
  await csv.stop()
  await table.stop()
})

it('makes what cannot be read a dead letter with its reason, and goes on', async () => {
  const json = await startRig(jsonParse)
  await json.send('Input', '{"a":')
  await json.send('Input', '{"a":1}')
  expect(await json.probe('Output').until(1)).toEqual({ a: 1 })
  expect(json.reasons()).toEqual([expect.stringMatching(/^not JSON/)])
  await json.stop()
  const csv = await startRig(csvParse)
  await csv.send('Input', 'a,b\n1\n')
  await csv.settled()
  expect(csv.reasons()).toEqual([expect.stringMatching(/^not CSV/)])
  await csv.stop()
})

it('describes the newest numbers as they are', async () => {
  const rig = await startRig(windowStatistics, { config: { field: 'n', size: 4 } })
  for (const n of [100, 2, 4, 4, 6]) await rig.send('Input', { n })
  const last = await rig.probe<Record<string, number>>('Output').until(5)
  expect(last).toMatchObject({ count: 4, sum: 16, mean: 4, min: 2, max: 6, median: 4, p95: 6 })
  expect(last['deviation']).toBeCloseTo(Math.sqrt(8 / 3))
  await rig.send('Input', { n: 'many' })
  await rig.settled()
  expect(rig.reasons()).toEqual(['no number at "n"'])
  await rig.stop()
})

it('counts, fills templates and draws the same numbers from the same seed', async () => {
  const counting = await startRig(counter, { config: { every: 2 } })
  for (let index = 0; index < 4; index++) await counting.send('Input', true)
  await counting.send('Reset', true)
  await counting.probe('Count').until(3)
  expect(counting.probe('Count').received).toEqual([2, 4, 0])
  await counting.stop()
  const words = await startRig(template, { config: { template: '{{#list}}<{{.}}>{{/list}} {{o}}', escape: 'html' } })
  await words.send('Input', { list: ['a', '&'], o: { x: 1 } })
  expect(await words.probe('Output').until(1)).toBe('<a><&amp;> {&quot;x&quot;:1}')
  await words.stop()
  await expect(startRig(template, { config: { template: '{{#open}}' } })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
  })
  const draws = await Promise.all(
    [1, 2].map(async () => {
      const rig = await startRig(random, { config: { what: 'integer', min: 1, max: 6, seed: 9 } })
      for (let index = 0; index < 20; index++) await rig.send('Trigger', true)
      await rig.probe('Output').until(20)
      await rig.stop()
      return rig.probe<number>('Output').received
    }),
  )
  expect(draws[0]).toEqual(draws[1])
  expect(draws[0]?.every((die) => die >= 1 && die <= 6)).toBe(true)
})
