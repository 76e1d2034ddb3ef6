import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineOf, pointLimit, pointOf, thinOut, withPoint } from '../../src/renderer/view/chart-series.ts'
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
