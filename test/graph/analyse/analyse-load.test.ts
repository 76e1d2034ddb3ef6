import { describe, expect, it } from 'vitest'
import { analyseLoad, analyseNetwork, beginningOf, describeJam, type LoadSample } from '../../../src/graph/index.ts'
import type { NodeSnapshot, WireSnapshot } from '../../../src/shared/index.ts'

function node(id: string, figures: Partial<NodeSnapshot> = {}): NodeSnapshot {
  const nothing = { received: 0, sent: 0, errors: 0, deadLetters: 0, queued: 0, outbox: 0, busyMs: 0, blockedMs: 0 }
  return { id, component: 'Pass', role: 'local', state: 'idle', ...nothing, gauges: {}, ...figures }
}

function joint(from: string, to: string, queued: number, figures: Partial<WireSnapshot> = {}): WireSnapshot {
  const ends = { from: { node: from, port: 'Out' }, to: { node: to, port: 'In' } }
  const id = `${from}.Out -> ${to}.In`
  return { id, ...ends, queued, queuedBytes: 0, capacity: 10, highWater: 10, accepted: 0, dropped: 0, ...figures }
}

const at = (timeMs: number, nodes: NodeSnapshot[], wires: WireSnapshot[]): LoadSample => ({ timeMs, nodes, wires })

/** Ten seconds in which `slow` takes 50 ms for each message, and those before it wait. */
const before = at(
  1_000,
  [
    node('source', { sent: 1_000, blockedMs: 500 }),
    node('middle', { received: 900, busyMs: 90, blockedMs: 400 }),
    node('slow', { received: 100, busyMs: 5_000 }),
    node('fast', { received: 100, busyMs: 1 }),
  ],
  [],
)
const figures = {
  source: { sent: 1_200, busyMs: 20, blockedMs: 10_200 },
  middle: { received: 1_100, busyMs: 110, blockedMs: 9_900, queued: 10 },
  slow: { received: 300, busyMs: 15_000, queued: 10 },
  fast: { received: 300, busyMs: 2 },
}
const now = (changes: Record<string, Partial<NodeSnapshot>> = {}, wire: Partial<WireSnapshot> = {}) =>
  at(
    11_000,
    Object.entries(figures).map(([id, figure]) => node(id, { ...figure, ...changes[id] })),
    [joint('source', 'middle', 10), joint('middle', 'slow', 10, wire), joint('middle', 'fast', 0)],
  )

describe('analyseLoad', () => {
  it('tells where the time of a message goes, the most of it first', () => {
    const { overMs, nodes, criticalPath } = analyseLoad(before, now())
    expect(overMs).toBe(10_000)
    expect(nodes[0]).toEqual({
      node: 'slow',
      perSecond: 20,
      busy: 1,
      blocked: 0,
      serviceMs: 50,
      waitMs: 500,
      queued: 10,
      isOnCriticalPath: true,
    })
    expect(criticalPath.nodes).toEqual(['source', 'middle', 'slow'])
    expect(criticalPath.ms).toBeCloseTo(0.1 + 500.1 + 550, 5)
  })

  it('tells who blocks whom, and follows the jam to where it begins', () => {
    const { jams } = analyseLoad(before, now())
    expect(jams).toEqual([
      {
        node: 'source',
        blocked: expect.closeTo(0.97, 5) as number,
        wire: 'source.Out -> middle.In',
        by: 'middle',
        root: 'slow',
        reason: 'busy',
      },
      {
        node: 'middle',
        blocked: expect.closeTo(0.95, 5) as number,
        wire: 'middle.Out -> slow.In',
        by: 'slow',
        root: 'slow',
        reason: 'busy',
      },
    ])
    expect(describeJam(jams[0]!)).toBe(
      '"source" is blocked 97 % of the time by "middle" (source.Out -> middle.In); it begins at "slow", which is busy',
    )
  })

  it.each([
    ['paused', { slow: { state: 'paused', busyMs: 5_000 } }],
    ['parked', { slow: { state: 'parked', busyMs: 5_000 } }],
    ['failed', { slow: { state: 'failed', busyMs: 5_000 } }],
    ['link', { slow: { role: 'remote', busyMs: 5_000 } }],
    ['unknown', { slow: { busyMs: 5_000 } }],
  ] as const)('names %s as what the jam begins with', (reason, changes) => {
    expect(analyseLoad(before, now(changes)).jams.map(({ root }) => root)).toEqual(['slow', 'slow'])
    expect(analyseLoad(before, now(changes)).jams.map((jam) => jam.reason)).toEqual([reason, reason])
  })

  it('names a breakpoint, and the node whose messages it holds', () => {
    const { jams } = analyseLoad(before, now({}, { held: 3 }))
    expect(jams.map(({ root, reason }) => [root, reason])).toEqual([
      ['middle', 'breakpoint'],
      ['middle', 'breakpoint'],
    ])
  })

  it('blames no wire that gives way when it is full', () => {
    const { jams } = analyseLoad(before, now({}, { policy: 'drop-oldest' }))
    expect(jams.find((jam) => jam.node === 'middle')?.by).toBe('fast')
  })

  it('finds nodes that wait for each other in a circle', () => {
    const stuck = { received: 10, blockedMs: 9_000, queued: 10 }
    const { jams } = analyseLoad(
      at(0, [], []),
      at(10_000, [node('a', stuck), node('b', stuck)], [joint('a', 'b', 10), joint('b', 'a', 10)]),
    )
    expect(jams.map(({ node: id, by, reason }) => [id, by, reason])).toEqual([
      ['a', 'b', 'circle'],
      ['b', 'a', 'circle'],
    ])
  })

  it('counts from the beginning when there was no look before, and knows no wait where nothing is taken', () => {
    const still = at(9_000, [node('a', { queued: 7 }), node('b')], [joint('a', 'b', 0)])
    const { overMs, nodes } = analyseLoad(beginningOf(still, 4_000), still)
    expect(overMs).toBe(4_000)
    expect(nodes.map(({ node: id, waitMs }) => [id, waitMs])).toEqual([
      ['a', undefined],
      ['b', 0],
    ])
  })
})

describe('analyseNetwork', () => {
  it('takes the critical path of the wiring by time', () => {
    const { analysis } = analyseNetwork(before, now(), { node: 'middle' })
    expect(analysis.criticalPath.nodes).toEqual(['source', 'middle', 'slow'])
    expect(analysis.reach?.downstream).toEqual(['slow', 'fast'])
    expect(analysis.wires).toBe(3)
  })
})
