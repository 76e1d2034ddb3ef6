import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { channelKey, linkKey, ratesOf, rateWindowMs, withSnapshot } from '../../src/renderer/view/rates.ts'
import type { InstanceMetrics } from '../../src/shared/index.ts'
import { linkSnapshot, metricsAt, nodeSnapshot, wireSnapshot } from '../shared/samples.ts'

const wire = 'a.Out -> b.In'
const channel = { direction: 'in', node: 'a', port: 'Out', queued: 0, credit: 8 } as const

function at(timeMs: number, count: number): InstanceMetrics {
  return metricsAt(timeMs, {
    nodes: [nodeSnapshot('a', { sent: count }), nodeSnapshot('b', { received: count, sent: 2 * count })],
    wires: [wireSnapshot(wire, { accepted: count })],
    links: [linkSnapshot('ml/1', { received: count, channels: [{ ...channel, messages: count }] })],
  })
}

function history(...snapshots: InstanceMetrics[]): InstanceMetrics[] {
  return snapshots.reduce<InstanceMetrics[]>((before, next) => withSnapshot(before, next), [])
}

describe('rates', () => {
  it('are what was counted between the ends of the window, per second', () => {
    const rates = ratesOf(history(at(0, 0), at(500, 10), at(1000, 50)))
    expect(rates.messages).toBe(50)
    expect(rates.nodes.get('b')).toMatchObject({ received: 50, sent: 100 })
    expect(rates.wires.get(wire)).toBe(50)
    expect(rates.links.get(linkKey(linkSnapshot('ml/1')))).toEqual({ sent: 0, received: 50 })
    expect(rates.channels.get(channelKey('ml/1', channel))).toBe(50)
  })

  it('are nought after the first snapshot, and without any', () => {
    expect(ratesOf(history(at(1000, 99))).messages).toBe(0)
    expect(ratesOf([]).messages).toBe(0)
  })

  it('begin anew when an instance was restarted', () => {
    const restarted = history(at(10_000, 5000), at(10_500, 5100), at(20, 3))
    expect(restarted).toHaveLength(1)
    expect(ratesOf([...restarted, at(520, 13)]).messages).toBe(20)
  })

  it('count a node that is new from nought, and never run backwards', () => {
    const before = metricsAt(0, { nodes: [nodeSnapshot('a', { received: 100 })] })
    const after = metricsAt(1000, { nodes: [nodeSnapshot('a', { received: 40 }), nodeSnapshot('c', { received: 7 })] })
    const rates = ratesOf(history(before, after))
    expect(rates.nodes.get('a')?.received).toBe(0)
    expect(rates.nodes.get('c')?.received).toBe(7)
  })

  it('take a snapshot of the same moment for the one before', () => {
    expect(history(at(0, 0), at(1000, 10), at(1000, 12)).map(({ timeMs }) => timeMs)).toEqual([0, 1000])
  })

  it('find a steady rate whatever the moments of the snapshots, from a bounded number of them', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 50, max: 900 }), { minLength: 2, maxLength: 60 }), (gaps) => {
        let timeMs = 0
        let kept: InstanceMetrics[] = []
        for (const gap of gaps) {
          timeMs += gap
          kept = withSnapshot(kept, at(timeMs, timeMs * 0.2))
        }
        expect(ratesOf(kept).messages).toBeCloseTo(200, 6)
        expect(timeMs - (kept[1]?.timeMs ?? timeMs)).toBeLessThan(rateWindowMs)
      }),
    )
  })
})
