import { expect, it } from 'vitest'
import { layoutResult } from '../../../src/graph/index.ts'
import { graph } from '../fixtures.ts'

it('moves no node by a rounding alone when it keeps the order, and does when it starts anew', () => {
  const at = (x: number, y: number): [string, Record<string, unknown>] => ['Pass', { position: { x, y } }]
  const made = graph({ a: at(0, 0), b: at(300, 1), c: at(600, 0) })
  const children = [
    { id: 'n0', x: 10, y: 10 },
    { id: 'n1', x: 310, y: 10.4 },
    { id: 'n2', x: 610, y: 60 },
  ]
  const answer = { id: 'graph', children, edges: [] }
  expect(layoutResult({ graph: made, catalogue: [], keep: 'order' }, answer)).toEqual({
    a: { x: 0, y: 0 },
    b: { x: 300, y: 1 },
    c: { x: 600, y: 50 },
  })
  expect(layoutResult({ graph: made, catalogue: [], keep: 'nothing' }, answer)['b']).toEqual({ x: 310, y: 10 })
})
