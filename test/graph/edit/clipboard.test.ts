import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  applyCommands,
  copyNodes,
  diffGraphs,
  duplicateNodes,
  formatFile,
  GraphDocument,
  initialsOf,
  nodesOf,
  pasteNodes,
  wireId,
  wiresOf,
} from '../../../src/graph/index.ts'
import type { GraphExport } from '../../../src/shared/index.ts'
import { graph, initial, wire } from '../fixtures.ts'
import { anyGraph } from './arbitraries.ts'

const made: GraphExport = {
  ...graph(
    {
      a: ['Source', { mode: 'fast', position: { x: 0, y: 0 } }],
      b: ['Sink', { position: { x: 200, y: 0 } }],
      c: 'Sink',
    },
    [
      wire('a.Output', 'b.Input', { millrace: { capacity: 5 } }),
      wire('a.Output', 'c.Input'),
      initial('a.Trigger', true, { millrace: { kind: 'flow' } }),
    ],
    { millrace: { initials: [{ node: 'b', port: 'Any', message: { type: 'Flow' } }] } },
  ),
  groups: [
    { id: 'pair', nodes: ['a', 'b'] },
    { id: 'all', nodes: ['a', 'b', 'c'] },
  ],
}
const wires = (value: GraphExport) => wiresOf(value).map(({ from, to }) => wireId(from, to))

describe('copies of nodes', () => {
  it('take the wires among them, their initial messages and whole groups along, under ids that are free', () => {
    const document = GraphDocument.of(made)
    const { commands, ids } = pasteNodes(document.graph, copyNodes(made, ['a', 'b']))
    expect(ids).toEqual(['a_2', 'b_2'])
    document.edit(commands, { name: 'paste 2 nodes' })
    expect(document.undoName).toBe('paste 2 nodes')
    expect(wires(document.graph)).toEqual([...wires(made), 'a_2.Output -> b_2.Input'])
    expect(wiresOf(document.graph).at(-1)?.capacity).toBe(5)
    expect(document.graph.processes?.['a_2']?.metadata).toEqual({ mode: 'fast', position: { x: 40, y: 40 } })
    expect(document.graph.groups?.map(({ id, nodes }) => [id, nodes])).toEqual([
      ['pair', ['a', 'b']],
      ['all', ['a', 'b', 'c']],
      ['pair_2', ['a_2', 'b_2']],
    ])
    expect(initialsOf(document.graph).map(({ to, kind }) => [to.node, kind])).toEqual([
      ['a', 'flow'],
      ['a_2', 'flow'],
      ['b', 'flow'],
      ['b_2', 'flow'],
    ])
    document.undo()
    expect(diffGraphs(document.graph, made)).toEqual([])
    expect(document.isChanged).toBe(false)
  })

  it('can be pasted again and again, and into another graph, where they keep their ids', () => {
    const document = GraphDocument.of(made)
    const text = copyNodes(made, ['b'])
    for (const expected of [['b_2'], ['b_3']]) {
      const { commands, ids } = pasteNodes(document.graph, text)
      document.edit(commands)
      expect(ids).toEqual(expected)
    }
    expect(pasteNodes(graph({}), text, { offset: { x: 0, y: 0 } })).toEqual({
      ids: ['b'],
      commands: [
        { type: 'addNode', id: 'b', component: 'Sink', metadata: { position: { x: 200, y: 0 } } },
        { type: 'addInitial', to: { node: 'b', port: 'Any' }, message: { type: 'Flow' } },
      ],
    })
  })

  it('say the same as what was copied, whatever that was, and go without a trace', () => {
    fc.assert(
      fc.property(anyGraph, fc.array(fc.nat(6)), fc.boolean(), (any, picks, isDuplicate) => {
        const all = nodesOf(any).map(({ id }) => id)
        const ids = [...new Set(picks.flatMap((pick) => all[pick] ?? []))]
        // A message of null is written in the way that also holds what JSON cannot; it stays null.
        const hasNull = (any.connections ?? []).some(({ data }) => data === null)
        if (ids.length === 0 || hasNull) return
        const text = copyNodes(any, ids)
        const offset = { x: 0, y: 0 }
        const paste = isDuplicate ? duplicateNodes(any, ids, { offset }) : pasteNodes(any, text, { offset })
        expect(paste.ids).toHaveLength(ids.length)
        expect(paste.ids.filter((id) => all.includes(id))).toEqual([])
        const document = new GraphDocument(formatFile(any), 'x')
        const before = document.text()
        document.edit(paste.commands)
        // The copies, copied in their turn, differ from the first ones by their names alone.
        const named = (copy: string, names: readonly string[]) => {
          const { graph: renamed } = applyCommands(
            parse(copy),
            names.map((id, index) => ({ type: 'renameNode', id, to: `copy ${index}` })),
          )
          return { ...renamed, groups: (renamed.groups ?? []).map((group) => ({ ...group, id: 'g' })) }
        }
        const first = named(text, Object.keys(parse(text).processes ?? {}))
        expect(diffGraphs(first, named(copyNodes(document.graph, paste.ids), paste.ids))).toEqual([])
        document.undo()
        expect(document.text()).toBe(before)
      }),
      { numRuns: 100 },
    )
  })

  it('are refused when a node is not there, or the text holds none', () => {
    expect(() => copyNodes(made, ['z'])).toThrow(expect.objectContaining({ code: 'NODE_UNKNOWN' }))
    for (const text of ['', 'hello', '{}', '[1]', formatFile(graph({}))])
      expect(() => pasteNodes(made, text)).toThrow(expect.objectContaining({ code: 'EDIT_INVALID' }))
  })
})

const parse = (text: string) => JSON.parse(text) as GraphExport

describe('formatFile', () => {
  it('writes any graph so that reading it gives the same value', () => {
    fc.assert(
      fc.property(anyGraph, (any) => {
        expect(parse(formatFile(any))).toEqual(JSON.parse(JSON.stringify(any)))
      }),
      { numRuns: 100 },
    )
  })
})
