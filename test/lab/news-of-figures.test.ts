import { expect, it } from 'vitest'
import { NewsOfFigures } from '../../src/lab/news-of-figures.ts'
import type { InstanceMetrics } from '../../src/shared/index.ts'
import { metricsAt, nodeSnapshot, wireSnapshot } from '../shared/samples.ts'

const atRest = (timeMs: number, changes: Partial<InstanceMetrics> = {}): InstanceMetrics => {
  const metrics = metricsAt(timeMs, {
    nodes: [nodeSnapshot('a', { gauges: { f1: 0.5 } })],
    wires: [wireSnapshot('a.Out -> b.In')],
    ...changes,
  })
  return { ...metrics, process: { ...metrics.process, cpu: 0.01, heapBytes: timeMs, ...changes.process } }
}

it('tells the figures of an instance at rest every two seconds alone', () => {
  const news = new NewsOfFigures()
  const told = Array.from({ length: 17 }, (_, index) => index * 250).filter((timeMs) => news.take(atRest(timeMs)))
  expect(told).toEqual([0, 2_000, 4_000])
})

it.each([
  ['a count of a node', { nodes: [nodeSnapshot('a', { received: 1, gauges: { f1: 0.5 } })] }],
  ['a figure that a node reports', { nodes: [nodeSnapshot('a', { gauges: { f1: 0.6 } })] }],
  ['a queue', { wires: [wireSnapshot('a.Out -> b.In', { queued: 1 })] }],
  ['a wire that came', { wires: [wireSnapshot('a.Out -> b.In'), wireSnapshot('b.Out -> c.In')] }],
  ['a dead letter', { deadLetters: 1 }],
  ['a busy thread', { process: { ...metricsAt(0, {}).process, cpu: 0.5 } }],
  ['an actor that was loaded anew', { ownActors: { reloads: 1, held: 0 } }],
])('tells %s at once', (_what, changes) => {
  const news = new NewsOfFigures()
  news.take(atRest(0))
  expect(news.take(atRest(250))).toBe(false)
  expect(news.take(atRest(500, changes))).toBe(true)
})

it('tells what follows a clock that was set back', () => {
  const news = new NewsOfFigures()
  news.take(atRest(60_000))
  expect(news.take(atRest(1_000))).toBe(true)
})
