import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyCommands, describeDifference, diffGraphs, mattersToRun } from '../../../src/graph/index.ts'
import type { GraphCommand, GraphExport } from '../../../src/shared/index.ts'
import { graph, initial, wire } from '../fixtures.ts'
import { anyGraph } from '../edit/arbitraries.ts'

const made = graph({ a: ['Source', { scale: 2, position: { x: 0, y: 0 } }], b: 'Sink' }, [
  wire('a.Output', 'b.Input'),
  initial('a.Trigger', true),
])
const after = (...commands: GraphCommand[]) => applyCommands(made, commands).graph
const lines = (other: GraphExport) => diffGraphs(made, other).map(describeDifference)

describe('diffGraphs', () => {
  it.each<[GraphCommand[], string[]]>([
    [[{ type: 'addNode', id: 'c', component: 'Sink' }], ['+ node "c" (Sink)']],
    [[{ type: 'removeNode', id: 'b' }], ['- node "b" (Sink)', '- wire a.Output -> b.Input']],
    [[{ type: 'setConfig', id: 'a', config: { scale: 3 } }], ['~ node "a": scale 2 → 3']],
    [[{ type: 'setConfig', id: 'a', config: {} }], ['~ node "a": scale 2 → nothing']],
    [[{ type: 'setComponent', id: 'b', component: 'Front' }], ['~ node "b": component "Sink" → "Front"']],
    [
      [
        {
          type: 'setWireOptions',
          from: { node: 'a', port: 'Output' },
          to: { node: 'b', port: 'Input' },
          options: { capacity: 5 },
        },
      ],
      ['~ wire a.Output -> b.Input: millrace.capacity nothing → 5'],
    ],
    [
      [{ type: 'setInitial', to: { node: 'a', port: 'Trigger' }, index: 0, message: { data: false } }],
      ['~ initial message "a.Trigger": data true → false'],
    ],
    [[{ type: 'addGroup', id: 'g', nodes: ['a'] }], ['+ group "g"']],
    [[{ type: 'setProperty', path: ['name'], value: 'x' }], ['~ property "name": "test" → "x"']],
    [[{ type: 'renameNode', id: 'a', to: 'z' }], ['~ node "a" is now "z"']],
  ])('says what %j does', (commands, expected) => {
    expect(lines(after(...commands))).toEqual(expected)
  })

  it('finds no difference in what Reflow adds or drops when it loads and writes a graph', () => {
    const [first, second] = made.connections ?? []
    const byReflow = {
      ...made,
      groups: [],
      inports: {},
      outports: {},
      processes: { b: { id: 'b', component: 'Sink', metadata: null }, a: made.processes?.['a'] },
      connections: [
        { ...first, from: { ...first?.from, index: null, data: null, metadata: null }, metadata: {}, data: null },
        { ...second, to: { ...second?.to, index: 0 } },
      ],
    } as GraphExport
    expect(diffGraphs(made, byReflow)).toEqual([])
  })

  it('says nothing of order, and of no graph that it differs from itself', () => {
    fc.assert(
      fc.property(anyGraph, (any) => {
        const copy = JSON.parse(JSON.stringify(any)) as GraphExport
        const processes = Object.fromEntries(Object.entries(copy.processes ?? {}).toReversed())
        expect(diffGraphs(any, { ...copy, processes })).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  it('tells what matters to a run from what is for people', () => {
    const moved = diffGraphs(made, after({ type: 'moveNode', id: 'a', position: { x: 9, y: 9 } }))
    expect(moved.map(mattersToRun)).toEqual([false])
    expect(diffGraphs(made, after({ type: 'removeNode', id: 'a' })).every(mattersToRun)).toBe(true)
  })
})
