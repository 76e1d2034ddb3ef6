import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Histogram } from '../../src/runtime/histogram.ts'
import { defineActor } from '../../src/runtime/index.ts'
import { collector, end, latch, makeNetwork, relay } from './rig.ts'

describe('a histogram of durations', () => {
  it('is an eighth off at most, wherever the durations lie', () => {
    const duration = fc.oneof(
      fc.double({ min: 0.002, max: 10, noNaN: true }),
      fc.double({ min: 1, max: 1e6, noNaN: true }),
    )
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 200 }), (durations) => {
        const histogram = new Histogram()
        for (const each of durations) histogram.record(each)
        const sorted = durations.toSorted((one, other) => one - other)
        const exact = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
        const read = histogram.recent(0)
        for (const [found, wanted] of [
          [read?.p50Ms, exact(0.5)],
          [read?.p95Ms, exact(0.95)],
          [read?.p99Ms, exact(0.99)],
          [read?.maxMs, exact(1)],
        ] as const)
          expect(Math.abs((found ?? 0) - wanted) / wanted).toBeLessThanOrEqual(0.126)
        expect(histogram.cumulative([Infinity])).toEqual([durations.length])
      }),
      { numRuns: 60 },
    )
  })

  it('forgets what is older than ten seconds, and counts it in the whole still', () => {
    const histogram = new Histogram()
    histogram.record(100)
    expect(histogram.recent(0)).toMatchObject({ count: 1 })
    histogram.record(1, 3)
    expect(histogram.recent(5_000)).toMatchObject({ count: 3 })
    expect(histogram.recent(10_000)).toBeUndefined()
    expect(histogram.cumulative([0.5, 50, 200])).toEqual([0, 3, 4])
    expect(histogram).toMatchObject({ count: 4, sumMs: 103 })
  })

  it('takes durations that cannot be for none and for the longest', () => {
    const histogram = new Histogram()
    for (const odd of [-1, 0, Number.NaN, 1e12]) histogram.record(odd)
    expect(histogram.recent(0)?.maxMs).toBeGreaterThan(1e6 - 1)
  })
})

/** Takes a time by the clock that tests move. */
function slow(ms: number, platform: { timeMs: number }) {
  return defineActor({
    name: `Slow${ms}`,
    inports: { In: {} },
    outports: { Out: {} },
    run({ inputs }) {
      platform.timeMs += ms
      return { Out: inputs.In }
    },
  })
}

describe('the times of a node', () => {
  it('say how long it takes for a message and how long messages wait for it', async () => {
    const rig = makeNetwork()
    rig.network.addNode('source', relay)
    rig.network.addNode('slow', slow(40, rig.platform))
    rig.network.addNode('sink', collector().actor)
    rig.network.addWire(end('source.Out'), end('slow.In'))
    rig.network.addWire(end('slow.Out'), end('sink.In'))
    await rig.start()
    for (let time = 0; time < 20; time++) rig.network.send('source', 'In', time)
    await rig.settle()
    expect(rig.node('slow').service?.p50Ms).toBeCloseTo(40, -1)
    expect(rig.node('slow').service?.count).toBe(20)
    // The last of those that came together.
    expect(rig.node('slow').wait?.maxMs).toBeGreaterThan(500)
    expect(rig.node('slow').wait?.maxMs).toBeLessThan(900)
    // What the slow one emits is taken at once: its own time is no waiting.
    expect(rig.node('sink').wait?.p99Ms).toBeLessThan(1)
  })

  it('of an asynchronous behaviour go from its begin to its end', async () => {
    const rig = makeNetwork()
    const gate = latch()
    const actor = defineActor({ name: 'Waits', inports: { In: {} }, run: () => gate.opened })
    rig.network.addNode('waits', actor)
    await rig.start()
    rig.network.send('waits', 'In', 1)
    await rig.settle()
    expect(rig.node('waits').service).toBeUndefined()
    rig.network.send('waits', 'In', 2)
    await rig.settle()
    rig.platform.timeMs += 300
    gate.open()
    await rig.settle()
    expect(rig.node('waits').service?.maxMs).toBeGreaterThan(250)
    expect(rig.node('waits').wait?.maxMs).toBeGreaterThan(250)
  })

  it('are absent where nothing has run', async () => {
    const rig = makeNetwork()
    rig.network.addNode('idle', relay)
    await rig.start()
    expect(rig.node('idle')).not.toHaveProperty('service')
    expect(rig.node('idle')).not.toHaveProperty('wait')
  })
})
