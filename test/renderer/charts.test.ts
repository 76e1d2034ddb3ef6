import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { marksTogether } from '../../src/renderer/charts/chart-option.ts'
import { lineOf, pictureOf, pointLimit, pointOf, thinOut, withPoint } from '../../src/renderer/view/chart-series.ts'
import { gaugeLabel, gaugesIn, isQuality, qualityIn } from '../../src/renderer/view/gauges.ts'
import { ratesOf } from '../../src/renderer/view/rates.ts'
import type { MetricsPoint } from '../../src/shared/index.ts'
import { metricsAt, nodeSnapshot, wireSnapshot } from '../shared/samples.ts'

function point(timeMs: number, changes: Partial<MetricsPoint> = {}): MetricsPoint {
  return {
    timeMs,
    messagesPerSecond: 1,
    queued: 0,
    loopLagMs: 0,
    cpu: 0,
    heapBytes: 0,
    errors: 0,
    deadLetters: 0,
    gauges: {},
    ...changes,
  }
}

describe('lines of a chart', () => {
  it('make another picture when a value or the past changes, and not while time moves by less than a pixel', () => {
    const minute = { sinceMs: 0, untilMs: 60_000 }
    const flat = [{ name: 'a', points: [[1_000, 5] as [number, number], [59_000, 5] as [number, number]] }]
    const later = [{ name: 'a', points: [...flat[0]!.points, [59_100, 5] as [number, number]] }]
    expect(pictureOf(later, { sinceMs: 100, untilMs: 60_100 })).toBe(pictureOf(flat, minute))
    expect(pictureOf(later, { sinceMs: 2_000, untilMs: 62_000 })).not.toBe(pictureOf(flat, minute))
    expect(pictureOf([{ name: 'a', points: [...flat[0]!.points, [59_100, 6]] }], minute)).not.toBe(
      pictureOf(flat, minute),
    )
    expect(pictureOf([{ name: 'a', points: [[59_000, 5]] }], minute)).not.toBe(pictureOf(flat, minute))
    expect(pictureOf([{ name: 'a', points: [] }], minute)).not.toBe(pictureOf(flat, minute))
  })

  it('are drawn on by each pixel while they change, and in longer steps while they are flat', () => {
    const drawn = (values: readonly number[]) =>
      new Set(
        Array.from({ length: 60 }, (_, second) => {
          const points = values.slice(0, second + 2).map((value, place): [number, number] => [place * 1_000, value])
          return pictureOf([{ name: 'a', points }], {
            sinceMs: second * 1_000 - 299_000,
            untilMs: second * 1_000 + 1_000,
          })
        }),
      ).size
    expect(drawn(Array.from({ length: 61 }, (_, second) => second % 2))).toBe(60)
    expect(drawn(Array.from({ length: 61 }, () => 3))).toBeLessThan(15)
  })

  it('note the figures of a snapshot as the lab notes them', () => {
    const metrics = metricsAt(5000, {
      nodes: [nodeSnapshot('a', { errors: 2, gauges: { f1: 0.7 } }), nodeSnapshot('b', { errors: 1 })],
      wires: [wireSnapshot('a.Out -> b.In', { queued: 4 }), wireSnapshot('a.Log -> b.In', { queued: 3 })],
      deadLetters: 6,
    })
    expect(pointOf(metrics, ratesOf([metrics]))).toEqual({
      timeMs: 5000,
      messagesPerSecond: 0,
      queued: 7,
      loopLagMs: 1,
      cpu: 0.1,
      heapBytes: 1000,
      errors: 3,
      deadLetters: 6,
      gauges: { 'a.f1': 0.7 },
    })
  })

  it('take a point a second and forget what is too old', () => {
    const kept = [point(0), point(1000), point(2000)]
    const limits = { sinceMs: 900, spacingMs: 900 }
    expect(withPoint(kept, point(2500), limits)).toBe(kept)
    expect(withPoint(kept, point(3000), limits).map(({ timeMs }) => timeMs)).toEqual([1000, 2000, 3000])
  })

  it('break where nothing was heard', () => {
    const line = lineOf([point(1000), point(2000), point(9000)], ({ messagesPerSecond }) => messagesPerSecond, 0)
    expect(line).toEqual([
      [1000, 1],
      [2000, 1],
      [2001, null],
      [9000, 1],
    ])
  })

  it('leave out what is older than the window, or no number', () => {
    const points = [
      point(1000),
      point(2000, { gauges: { 'a.f1': Number.NaN } }),
      point(3000, { gauges: { 'a.f1': 0.5 } }),
    ]
    expect(lineOf(points, ({ gauges }) => gauges['a.f1'], 1500)).toEqual([[3000, 0.5]])
  })

  it('keep their peaks when they are thinned out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 3000 }),
        (values) => {
          const line = values.map((value, index): [number, number] => [index, value])
          const thin = thinOut(line, pointLimit)
          expect(thin.length).toBeLessThanOrEqual(pointLimit)
          expect(Math.max(...thin.map(([, value]) => value))).toBe(Math.max(...values))
          expect(Math.min(...thin.map(([, value]) => value))).toBe(Math.min(...values))
          expect(thin.every(([time], index) => index === 0 || time > (thin[index - 1]?.[0] ?? 0))).toBe(true)
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('gauges', () => {
  const history = new Map([
    [
      'ml/1',
      [point(1, { gauges: { 'model_evaluator.accuracy': 0.8, 'model_evaluator.samples': 90, 'a.b.f1_score': 0.7 } })],
    ],
    ['api/1', [point(1, { gauges: { 'monitor.accuracy': 0.8 } })]],
    ['empty/1', []],
  ])

  it('are found by node and name, those of quality first', () => {
    expect(gaugesIn(history).map(({ node, name }) => `${node} ${name}`)).toEqual([
      'model_evaluator accuracy',
      'monitor accuracy',
      'a.b f1_score',
      'model_evaluator samples',
    ])
    expect(gaugesIn(history).map(isQuality)).toEqual([true, true, true, false])
  })

  it('of quality are taken from the node that reports most of them', () => {
    const more = new Map([...history, ['x/1', [point(1, { gauges: { 'e.r2': 0.9, 'e.recall': 0.8, 'e.loss': 2 } })]]])
    expect(qualityIn(gaugesIn(more)).map(({ node, name }) => `${node} ${name}`)).toEqual(['e r2', 'e recall'])
    expect(qualityIn([])).toEqual([])
  })

  it('are called by their name alone where that is enough', () => {
    const all = gaugesIn(history)
    expect(all.map((gauge) => gaugeLabel(gauge, all))).toEqual([
      'accuracy · model_evaluator',
      'accuracy · monitor',
      'f1_score',
      'samples',
    ])
  })
})

it('draws marks that are near each other as one, with how many they are', () => {
  const mark = (timeMs: number, text: string) => ({ timeMs, text })
  expect(marksTogether([mark(0, 'a'), mark(90, 'a'), mark(100, 'a'), mark(150, 'b'), mark(300, 'c')], 100)).toEqual([
    mark(0, 'a ×2'),
    mark(100, 'b +1'),
    mark(300, 'c'),
  ])
})
