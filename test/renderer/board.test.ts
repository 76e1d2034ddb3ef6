import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chartCsv } from '../../src/renderer/view/chart-csv.ts'
import { partsOfKey, valuesOf } from '../../src/renderer/view/chart-kinds.ts'
import { ratesOf } from '../../src/renderer/view/rates.ts'
import { SeriesStore } from '../../src/renderer/view/series-store.ts'
import { linkSnapshot, metricsAt, nodeSnapshot, wireSnapshot } from '../shared/samples.ts'

describe('the store of series', () => {
  it('holds the newest moments of every series, as a list of all of them would', () => {
    const moment = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 99 }))
    fc.assert(
      fc.property(fc.array(moment, { maxLength: 30 }), fc.integer({ min: 1, max: 8 }), (moments, capacity) => {
        const store = new SeriesStore(capacity)
        for (const [time, values] of moments.entries()) store.add(time, Object.entries(values))
        const kept = [...moments.entries()].slice(-capacity)
        for (const key of ['a', 'b', 'c']) {
          const expected = kept.flatMap(([time, values]) => (values[key] === undefined ? [] : [[time, values[key]]]))
          expect(store.points(key, 0)).toEqual(expected)
          expect(store.latest(key)).toBe(moments.at(-1)?.[key])
        }
      }),
    )
  })

  it('forgets a series that has had no value for as long as is kept', () => {
    const store = new SeriesStore(2)
    store.add(1, [['gone', 1]])
    for (const time of [2, 3, 4]) store.add(time, [['here', time]])
    expect(store.keys).toEqual(['here'])
    expect(store.points('here', 4)).toEqual([[4, 4]])
  })
})

it('names every value of nodes, wires and links so that it is found again', () => {
  const metrics = metricsAt(1, {
    nodes: [nodeSnapshot('sink', { queued: 3 })],
    wires: [wireSnapshot('a.Out -> sink.In', { queued: 50 })],
    links: [linkSnapshot('ml/1', { rttMs: 4 })],
  })
  const values = new Map(valuesOf('data/1', metrics, ratesOf([{ ...metrics, timeMs: 0 }, metrics])))
  expect(values.get('node.queued data/1 sink')).toBe(3)
  expect(values.get('wire.fill data/1 a.Out -> sink.In')).toBe(50)
  expect(values.get('link.rtt data/1 ml/1')).toBe(4)
  expect(partsOfKey('wire.fill', 'wire.fill data/1 a.Out -> sink.In')).toEqual({
    instance: 'data/1',
    name: 'a.Out -> sink.In',
  })
})

it('saves a chart as a table, its gaps empty and its names no formulas', () => {
  const csv = chartCsv([
    {
      name: 'data/1',
      points: [
        [0, 1],
        [500, null],
        [1000, 2],
      ],
    },
    { name: '=SUM(A1),"x"', points: [[1000, 3]] },
  ])
  expect(csv.split('\r\n')).toEqual([
    `time,data/1,"'=SUM(A1),""x"""`,
    '1970-01-01T00:00:00.000Z,1,',
    '1970-01-01T00:00:01.000Z,2,3',
    '',
  ])
})
