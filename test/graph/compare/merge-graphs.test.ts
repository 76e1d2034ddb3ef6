import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyCommands, diffGraphs, formatFile, mergeGraphs, mergeGraphTexts } from '../../../src/graph/index.ts'
import { isMillraceError, type GraphCommand, type GraphExport } from '../../../src/shared/index.ts'
import { graph, wire } from '../fixtures.ts'
import { anyCommand, anyGraph } from '../edit/arbitraries.ts'

/** Does those of the commands that can be. */
function edited(made: GraphExport, commands: readonly GraphCommand[]): GraphExport {
  return commands.reduce((current, command) => {
    try {
      return applyCommands(current, [command]).graph
    } catch (error) {
      if (isMillraceError(error)) return current
      throw error
    }
  }, made)
}

/** The same graph, and the same edits, with every name of one side changed. */
function named(value: unknown, side: string): unknown {
  return JSON.parse(JSON.stringify(value), (key, part: unknown) => {
    const isName = ['id', 'to', 'node', 'nodeId', 'name'].includes(key)
    if (isName && typeof part === 'string' && part !== '') return `${side}${part}`
    if (key === 'nodes' && Array.isArray(part)) return part.map((id) => `${side}${String(id)}`)
    const isMap = key === 'processes' || key === 'inports' || key === 'outports'
    if (!isMap || typeof part !== 'object' || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([id, item]) => [`${side}${id}`, item]))
  })
}

/** Both sides' graphs in one, with properties of one only. */
function together(one: GraphExport, other: GraphExport): GraphExport {
  return {
    ...one,
    processes: { ...one.processes, ...other.processes },
    connections: [...(one.connections ?? []), ...(other.connections ?? [])],
    inports: { ...one.inports, ...other.inports },
    outports: { ...one.outports, ...other.outports },
    groups: [...(one.groups ?? []), ...(other.groups ?? [])],
  }
}

const withoutProperties = (commands: readonly GraphCommand[]) => commands.filter(({ type }) => type !== 'setProperty')

describe('mergeGraphs', () => {
  it('gives what both edits applied give, when they are independent', () => {
    fc.assert(
      fc.property(anyGraph, anyGraph, fc.array(anyCommand), fc.array(anyCommand), (left, right, some, others) => {
        const base = together(named(left, 'l-') as GraphExport, named(right, 'r-') as GraphExport)
        const mine = named(withoutProperties(some), 'l-') as GraphCommand[]
        const yours = named(withoutProperties(others), 'r-') as GraphCommand[]
        const { graph: merged, conflicts } = mergeGraphs(base, edited(base, mine), edited(base, yours))
        expect(conflicts).toEqual([])
        expect(diffGraphs(merged, edited(edited(base, mine), yours))).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  it('gives the changed side when the other changed nothing, and either when both did the same', () => {
    fc.assert(
      fc.property(anyGraph, fc.array(anyCommand), (base, commands) => {
        const changed = edited(base, commands)
        for (const [ours, theirs] of [
          [base, changed],
          [changed, base],
          [changed, changed],
        ] as const) {
          const { graph: merged, conflicts } = mergeGraphs(base, ours, theirs)
          expect(conflicts).toEqual([])
          expect(diffGraphs(merged, changed)).toEqual([])
        }
      }),
      { numRuns: 100 },
    )
  })

  const base = graph({ a: ['Source', { scale: 1, mode: 'fast', position: { x: 0, y: 0 } }], b: 'Sink' }, [
    wire('a.Output', 'b.Input'),
  ])
  const merge = (mine: GraphCommand[], yours: GraphCommand[]) =>
    mergeGraphs(base, edited(base, mine), edited(base, yours))
  const set = (field: string, value: unknown): GraphCommand => ({ type: 'setNodeField', id: 'a', path: [field], value })

  it('merges two fields of one config', () => {
    const { graph: merged, conflicts } = merge([set('scale', 2)], [set('mode', 'slow')])
    expect(conflicts).toEqual([])
    expect(merged.processes?.['a']?.metadata).toMatchObject({ scale: 2, mode: 'slow' })
  })

  it('names a field that both set differently, and keeps ours', () => {
    const { graph: merged, conflicts } = merge([set('scale', 2)], [set('scale', 3)])
    expect(merged.processes?.['a']?.metadata).toMatchObject({ scale: 2 })
    expect(conflicts).toEqual([
      {
        code: 'MERGE_CONFLICT',
        kind: 'node',
        name: 'a',
        path: ['metadata', 'scale'],
        base: 1,
        ours: 2,
        theirs: 3,
        message: 'node "a", metadata.scale: both changed it, differently; ours stands',
      },
    ])
  })

  it('keeps a node that they removed while we changed or wired it', () => {
    const remove: GraphCommand = { type: 'removeNode', id: 'b' }
    const wiring: GraphCommand[] = [
      { type: 'connect', from: { node: 'a', port: 'Count' }, to: { node: 'b', port: 'Ratio' } },
    ]
    const { graph: merged, conflicts } = merge(wiring, [remove])
    expect(Object.keys(merged.processes ?? {})).toEqual(['a', 'b'])
    expect(merged.connections).toHaveLength(2)
    expect(conflicts).toMatchObject([{ kind: 'node', name: 'b', message: expect.stringContaining('they removed it') }])
  })

  it('does not wire to a node that we removed', () => {
    const wiring: GraphCommand = {
      type: 'connect',
      from: { node: 'a', port: 'Count' },
      to: { node: 'b', port: 'Ratio' },
    }
    const { graph: merged, conflicts } = merge([{ type: 'removeNode', id: 'b' }], [wiring])
    expect(merged.connections).toEqual([])
    expect(conflicts).toMatchObject([
      { kind: 'wire', name: 'a.Count -> b.Ratio', message: expect.stringContaining('we removed node "b"') },
    ])
  })

  it('keeps the layout of ours and adds a line for what is theirs', () => {
    const text = formatFile(base)
    const theirs = formatFile(edited(base, [{ type: 'addNode', id: 'c', component: 'Sink' }]))
    const merged = mergeGraphTexts({ text, file: 'base' }, { text, file: 'ours' }, { text: theirs, file: 'theirs' })
    expect(merged.text.split('\n').filter((line) => !text.includes(line.replace(/,$/, '')))).toEqual([
      '    "c": { "id": "c", "component": "Sink" }',
    ])
    const broken = { text: '{', file: 'theirs' }
    expect(() => mergeGraphTexts({ text, file: 'base' }, { text, file: 'ours' }, broken)).toThrow(
      expect.objectContaining({ code: 'FILE_INVALID', message: expect.stringContaining('theirs:1:') as string }),
    )
  })
})
