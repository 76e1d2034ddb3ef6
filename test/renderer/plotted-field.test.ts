import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { chartKinds, spreadKinds, valuesOf } from '../../src/renderer/view/chart-kinds.ts'
import { treeLines } from '../../src/renderer/view/json-tree.ts'
import { fieldKey, numberAt, readFields, withPoints } from '../../src/renderer/view/plotted-field.ts'
import { ratesOf } from '../../src/renderer/view/rates.ts'
import { metricsAt, nodeSnapshot } from '../shared/samples.ts'

it('finds the number at every path that the tree of a message shows, whatever its keys are', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
      // A field without a name has the path of what it is in.
      fc.pre(!JSON.stringify(value).includes('"":'))
      for (const line of treeLines(value, () => true)) {
        const found = numberAt(value, line.path)
        // A key that holds a dot may name the same path as two keys do; one of them is found then.
        if (line.type === 'number') expect(typeof found).toBe('number')
      }
    }),
  )
  expect(numberAt({ a: [{ 'b.c': 7 }] }, 'a.0.b.c')).toBe(7)
  for (const path of ['', 'a', 'a.b', '__proto__.x', 'constructor.length', 'length'])
    expect(numberAt({ a: 'text' }, path)).toBeUndefined()
})

it('keeps the newest points of a field, within a time and a number', () => {
  const points: [number, number][] = [
    [1, 1],
    [2, 2],
    [3, 3],
  ]
  expect(withPoints(points, [[4, 4]], { sinceMs: 2, limit: 2 })).toEqual([
    [3, 3],
    [4, 4],
  ])
  expect(withPoints(points, [], { sinceMs: 9, limit: 2 })).toEqual([])
})

it('reads the fields that a window kept, and nothing that is none', () => {
  const field = { instance: 'n/1', wire: 'a.Out -> b.In', path: 'value' }
  expect(readFields([field, { instance: 1 }, null, 'field'])).toEqual([field])
  expect(readFields({})).toEqual([])
  expect(fieldKey(field)).not.toBe(fieldKey({ ...field, path: 'other' }))
})

it('has three lines for the times of a node, each kept as a series while there are any', () => {
  const times = { count: 1, p50Ms: 1, p95Ms: 2, p99Ms: 3, maxMs: 4 }
  const nodes = [nodeSnapshot('a', { service: times, wait: times }), nodeSnapshot('b')]
  const metrics = metricsAt(1_000, { nodes })
  const values = new Map(valuesOf('n/1', metrics, ratesOf([metricsAt(0, { nodes }), metrics])))
  for (const { id, lines } of spreadKinds) {
    expect(lines.map(({ kind }) => values.get(`${kind} n/1 a`))).toEqual([1, 2, 3])
    expect(lines.map(({ kind }) => values.get(`${kind} n/1 b`))).toEqual([undefined, undefined, undefined])
    expect(chartKinds.filter((kind) => kind.id === id)).toHaveLength(1)
  }
})
