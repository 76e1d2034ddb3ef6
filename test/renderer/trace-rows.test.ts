import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linesOfPath, pathOfTrace, reachOf } from '../../src/renderer/view/path.ts'
import { axisSteps, nodeOfHop, peerOfHop, traceTree } from '../../src/renderer/view/trace-rows.ts'
import type { TraceSpan } from '../../src/shared/index.ts'

const span = (spanId: string, parentId: string | undefined, more: Partial<TraceSpan> = {}): TraceSpan => ({
  traceId: 't',
  spanId,
  ...(parentId !== undefined && { parentId }),
  instance: 'near/1',
  kind: 'process',
  node: spanId,
  actor: 'A',
  port: 'In',
  startMs: 1_000,
  waitMs: 0,
  durationMs: 1,
  ...more,
})
const egress = 'a.Out → far/1.In'
const fanned = [
  span('source', undefined, { kind: 'emit', startMs: 1_000, durationMs: 0 }),
  span('a', 'source', { startMs: 1_004, waitMs: 4, durationMs: 2 }),
  span('out', 'a', { node: egress, startMs: 1_007, waitMs: 0.5 }),
  span('b', 'a', { startMs: 1_010, waitMs: 3, failure: 'it broke' }),
  span('c', 'out', { instance: 'far/1', startMs: 1_015, waitMs: 2, durationMs: 5 }),
]

describe('a trace as it is drawn', () => {
  it('has each hop under its cause, branches apart, and waiting, working and the link drawn apart', () => {
    const { rows, durationMs } = traceTree(fanned.toReversed())
    expect(durationMs).toBe(20)
    expect(rows.map(({ span: { spanId }, depth, isBranch, order }) => [spanId, depth, isBranch, order])).toEqual([
      ['source', 0, false, 1],
      ['a', 0, false, 2],
      ['out', 1, true, 3],
      ['c', 1, false, 5],
      ['b', 1, true, 4],
    ])
    expect(rows[3]).toMatchObject({
      transit: { fromMs: 8, ms: 5 },
      wait: { fromMs: 13, ms: 2 },
      run: { fromMs: 15, ms: 5 },
    })
    expect(rows[4]?.transit).toBeUndefined()
  })

  it('shows every hop once and within its time, whatever peers say caused what', () => {
    const ids = ['a', 'b', 'c', 'd', 'e']
    const any = fc.record({
      spanId: fc.constantFrom(...ids),
      parentId: fc.option(fc.constantFrom(...ids, 'gone'), { nil: undefined }),
      instance: fc.constantFrom('near/1', 'far/1'),
      startMs: fc.integer({ min: 0, max: 50 }),
      waitMs: fc.integer({ min: 0, max: 20 }),
      durationMs: fc.integer({ min: 0, max: 20 }),
    })
    fc.assert(
      fc.property(fc.uniqueArray(any, { selector: ({ spanId }) => spanId }), (made) => {
        const { rows, durationMs } = traceTree(
          made.map(({ spanId, parentId, ...more }) => span(spanId, parentId, more)),
        )
        expect(rows.map(({ span: { spanId } }) => spanId).sort()).toEqual(made.map(({ spanId }) => spanId).sort())
        for (const { wait, run, transit } of rows)
          for (const { fromMs, ms } of [wait, run, ...(transit ? [transit] : [])]) {
            expect(ms).toBeGreaterThanOrEqual(0)
            expect(fromMs + ms).toBeLessThanOrEqual(durationMs + 1e-9)
          }
      }),
    )
  })

  it('says which node and which peer a hop is about, whatever it is called', () => {
    expect([
      nodeOfHop(span('x', undefined, { node: egress })),
      peerOfHop(span('x', undefined, { node: egress })),
    ]).toEqual(['a', 'far/1'])
    expect(nodeOfHop(span('x', undefined, { node: '' }))).toBeUndefined()
    expect(nodeOfHop(span('x', undefined, { node: ' → ' }))).toBeUndefined()
    expect(axisSteps(20, 5)).toEqual([5, 10, 15, 20])
    expect(axisSteps(0, 5)).toEqual([])
  })
})

describe('what is lit up on the canvas', () => {
  const line = (from: string, to: string) => ({ key: `${from}>${to}`, from: { key: from }, to: { key: to } })
  const [source, a, b, c, stand] = ['near/1 source', 'near/1 a', 'near/1 b', 'far/1 c', 'far/1 a@near'].map(
    (name) => `node ${name}`,
  ) as [string, string, string, string, string]
  const lines = [line(source, a), line(a, b), line(a, stand), line(stand, c), line(b, source)]

  it('is the way of a message in its order, by the node that stands for a peer’s, with what failed', () => {
    const path = pathOfTrace(traceTree(fanned), 'a trace')
    expect([...path.nodes]).toEqual([
      [source, { orders: [1], hasFailed: false }],
      [a, { orders: [2], hasFailed: false }],
      [b, { orders: [4], hasFailed: true }],
      [c, { orders: [5], hasFailed: false }],
    ])
    const lit = linesOfPath(path, lines, () => true)
    expect([...lit.lines].sort()).toEqual(
      lines
        .slice(0, 4)
        .map(({ key }) => key)
        .sort(),
    )
    expect([...lit.between]).toEqual([stand])
  })

  it('is a graph where a message went through a node inside one', () => {
    const inner = pathOfTrace(
      traceTree([span('s', undefined, { node: 'source' }), span('i', 's', { node: 'a/deep/er' })]),
      '',
    )
    expect([...linesOfPath(inner, lines, (key) => key === a || key === source).lines]).toEqual([`${source}>${a}`])
  })

  it('is all that can come to a node, or go from it, round loops too', () => {
    expect([...reachOf(lines, b, 'upstream')].sort()).toEqual([a, b, source].sort())
    expect([...reachOf(lines, c, 'downstream')]).toEqual([c])
    expect([...reachOf(lines, a, 'downstream')].sort()).toEqual([a, b, c, stand, source].sort())
  })
})
