import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  applyChanges,
  applyCommands,
  GraphDocument,
  initialsOf,
  parseGraph,
  sameJson,
} from '../../../src/graph/index.ts'
import type { GraphCommand } from '../../../src/shared/index.ts'
import { graphCommandSchema, isMillraceError } from '../../../src/shared/index.ts'
import { formatFile } from '../../../src/graph/index.ts'
import { graph, initial, wire } from '../fixtures.ts'
import { anyCommand, anyText } from './arbitraries.ts'

/** Does an edit, or says that it was refused in words. */
function tryEdit(document: GraphDocument, commands: GraphCommand[]): boolean {
  try {
    document.edit(commands)
    return true
  } catch (error) {
    if (!isMillraceError(error)) throw error
    return false
  }
}

describe('an edited document', () => {
  it('gives back the file letter for letter when everything is undone, whatever was edited', () => {
    fc.assert(
      fc.property(anyText, fc.array(fc.array(anyCommand, { minLength: 1, maxLength: 3 })), (text, edits) => {
        const document = new GraphDocument(text, 'x')
        for (const commands of edits) tryEdit(document, commands)
        const last = document.text()
        expect(sameJson(parseGraph(last, 'x'), document.graph)).toBe(true)
        const end = document.graph
        while (document.undo()) expect(sameJson(parseGraph(document.text(), 'x'), document.graph)).toBe(true)
        expect(document.text()).toBe(text)
        expect(document.isChanged).toBe(false)
        while (document.redo());
        expect(document.text()).toBe(last)
        expect(sameJson(document.graph, end)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  it('is edited by commands of every kind in these properties', () => {
    const done = new Map<string, number>()
    for (const [text, commands] of fc.sample(fc.tuple(anyText, fc.array(anyCommand, { minLength: 5 })), {
      numRuns: 300,
      seed: 1,
    })) {
      const document = new GraphDocument(text, 'x')
      for (const command of commands)
        if (tryEdit(document, [command])) done.set(command.type, (done.get(command.type) ?? 0) + 1)
    }
    const kinds = graphCommandSchema.options.map(({ entries }) => entries.type.literal)
    // Raw changes are made by fixes, and tested with those.
    expect(kinds.filter((kind) => kind !== 'patch' && (done.get(kind) ?? 0) < 5)).toEqual([])
  })

  it('leaves nothing of an edit that is refused', () => {
    fc.assert(
      fc.property(anyText, fc.array(anyCommand, { minLength: 2, maxLength: 6 }), (text, commands) => {
        const document = new GraphDocument(text, 'x')
        const before = JSON.stringify(document.graph)
        const original = document.graph
        if (!tryEdit(document, commands)) {
          expect(document.text()).toBe(text)
          expect(document.undoName).toBeUndefined()
        }
        expect(JSON.stringify(original)).toBe(before)
      }),
      { numRuns: 100 },
    )
  })

  it('tells changes that lead anyone who has the graph to the same graph, and back', () => {
    fc.assert(
      fc.property(anyText, fc.array(anyCommand), (text, commands) => {
        const document = new GraphDocument(text, 'x')
        let copy = document.graph
        document.subscribe((event) => {
          if (event.type !== 'saved') copy = applyChanges(copy, event.changes).graph
        })
        for (const command of commands) tryEdit(document, [command])
        expect(JSON.stringify(copy)).toBe(JSON.stringify(document.graph))
        document.undo()
        document.undo()
        document.redo()
        expect(JSON.stringify(copy)).toBe(JSON.stringify(document.graph))
      }),
      { numRuns: 100 },
    )
  })

  it('writes a change of one node as a change of its lines', () => {
    const text = formatFile(
      graph({ a: ['Source', { mode: 'fast' }], b: 'Sink', c: 'Sink' }, [wire('a.Output', 'b.Input')]),
    )
    const document = new GraphDocument(text, 'x')
    document.edit({ type: 'moveNode', id: 'b', position: { x: 10, y: 20 } })
    document.edit({ type: 'connect', from: { node: 'a', port: 'Output' }, to: { node: 'c', port: 'Input' } })
    const before = text.split('\n')
    const added = document
      .text()
      .split('\n')
      .filter((line) => !before.includes(line) && line.trim() !== '},')
    expect(added.map((line) => line.trim())).toEqual([
      '"b": { "id": "b", "component": "Sink", "metadata": { "position": { "x": 10, "y": 20 } } },',
      '"to": { "nodeId": "c", "portId": "Input", "portName": "", "expose": false, "portType": { "type": "any" } }',
    ])
  })

  it('keeps numbers that JavaScript cannot hold, in what was not edited', () => {
    const text = '{"caseSensitive":true,"properties":{"name":"x","big":9007199254740993,"x":1.0}}'
    const document = new GraphDocument(text, 'x')
    document.edit({ type: 'setProperty', path: ['name'], value: 'y' })
    expect(document.text()).toBe('{"caseSensitive":true,"properties":{"name":"y","big":9007199254740993,"x":1.0}}')
  })

  it('is unchanged after a save, and changed again when that is undone', () => {
    const document = GraphDocument.of(graph({ a: 'Source' }))
    document.edit({ type: 'setComponent', id: 'a', component: 'Sink' })
    expect(document.isChanged).toBe(true)
    document.markSaved()
    expect(document.isChanged).toBe(false)
    document.undo()
    expect(document.isChanged).toBe(true)
    document.redo()
    expect(document.isChanged).toBe(false)
  })

  it('makes one step of a drag and another of the next', () => {
    const document = GraphDocument.of(graph({ a: 'Source' }))
    const move = (x: number, mergeKey: string) =>
      document.edit({ type: 'moveNode', id: 'a', position: { x, y: 0 } }, { mergeKey })
    for (let x = 1; x <= 50; x++) move(x, 'drag 1')
    move(60, 'drag 2')
    document.undo()
    expect(document.graph.processes?.['a']?.metadata).toEqual({ position: { x: 50, y: 0 } })
    document.undo()
    expect(document.graph.processes?.['a']?.metadata).toBeUndefined()
    expect(document.undoName).toBeUndefined()
    document.redo()
    expect(document.graph.processes?.['a']?.metadata).toEqual({ position: { x: 50, y: 0 } })
  })

  it('does not join an edit to a step that was saved or sealed', () => {
    const document = GraphDocument.of(graph({ a: 'Source' }))
    const type = (value: string) =>
      document.edit({ type: 'setNodeField', id: 'a', path: ['label'], value }, { mergeKey: 'label' })
    type('x')
    document.markSaved()
    type('xy')
    document.undo()
    expect(document.isChanged).toBe(false)
    type('xz')
    document.seal()
    type('xzz')
    document.undo()
    expect(document.graph.processes?.['a']?.metadata).toEqual({ label: 'xz' })
  })

  it('forgets the oldest steps beyond its limit, and then never claims to be unchanged', () => {
    const document = new GraphDocument(formatFile(graph({ a: 'Source' })), 'x', { undoLimit: 3 })
    for (let x = 0; x < 5; x++) document.edit({ type: 'moveNode', id: 'a', position: { x, y: 0 } })
    let undone = 0
    while (document.undo()) undone++
    expect(undone).toBe(3)
    expect(document.isChanged).toBe(true)
  })

  it('makes no step of an edit that changes nothing', () => {
    const document = GraphDocument.of(graph({ a: ['Source', { mode: 'fast' }] }))
    expect(document.edit({ type: 'setConfig', id: 'a', config: { mode: 'fast' } })).toEqual([])
    expect([document.undoName, document.revision]).toEqual([undefined, 0])
  })

  it('takes over what something else wrote as a step that can be undone', () => {
    const document = GraphDocument.of(graph({ a: 'Source' }))
    const other = formatFile(graph({ b: 'Sink' }))
    document.reload(other, 'x')
    expect([document.text(), document.isChanged]).toEqual([other, false])
    document.undo()
    expect(Object.keys(document.graph.processes ?? {})).toEqual(['a'])
    expect(document.isChanged).toBe(true)
    document.redo()
    expect(document.text()).toBe(other)
    expect(() => document.reload('{', 'x')).toThrow(expect.objectContaining({ code: 'FILE_INVALID' }))
    expect(document.text()).toBe(other)
  })

  it('goes on when a listener throws, and reports it', () => {
    const reported: unknown[] = []
    const document = new GraphDocument(formatFile(graph({ a: 'Source' })), 'x', {
      report: (error) => reported.push(error),
    })
    const heard: string[] = []
    document.subscribe(() => {
      throw new Error('a bad guest')
    })
    const stop = document.subscribe(({ type }) => heard.push(type))
    document.edit({ type: 'removeNode', id: 'a' })
    document.undo()
    stop()
    document.redo()
    expect(heard).toEqual(['edited', 'undone'])
    expect(reported).toHaveLength(3)
  })

  it('names its steps as a menu would', () => {
    const made = graph({ a: 'Source', b: 'Sink', c: 'Sink' }, [wire('a.Output', 'b.Input'), initial('a.Trigger', true)])
    const names = (commands: GraphCommand[]) => {
      const document = GraphDocument.of(made)
      document.edit(commands)
      return document.undoName
    }
    const remove = (id: string): GraphCommand => ({ type: 'removeNode', id })
    const from = { node: 'a', port: 'Output' }
    expect(names([remove('a')])).toBe('delete a')
    expect(names(['a', 'b', 'c'].map(remove))).toBe('delete 3 nodes')
    expect(names([{ type: 'connect', from, to: { node: 'c', port: 'Input' } }])).toBe('connect a.Output -> c.Input')
    expect(
      names([
        { type: 'addNode', id: 'd', component: 'Sink' },
        { type: 'connect', from, to: { node: 'd', port: 'Input' } },
      ]),
    ).toBe('add d')
    expect(names([{ type: 'renameNode', id: 'a', to: 'z' }])).toBe('rename a to z')
  })
})

describe('applyCommands', () => {
  it('keeps the initial messages of a port in the order in which they were added', () => {
    const to = { node: 'a', port: 'In' }
    const document = GraphDocument.of(graph({ a: 'Pass' }))
    const messages = [{ data: 1 }, { type: 'Flow' }, { data: 'two' }, { type: 'Float', data: 3 }, { data: null }]
    for (const message of messages) document.edit({ type: 'addInitial', to, message })
    expect(initialsOf(document.graph).map(({ value }) => value)).toEqual([1, undefined, 'two', 3, null])
  })

  it('shares with the given graph what it did not touch', () => {
    const made = graph({ a: 'Source', b: 'Sink' }, [wire('a.Output', 'b.Input')])
    const { graph: edited } = applyCommands(made, [{ type: 'moveNode', id: 'a', position: { x: 1, y: 1 } }])
    expect(edited.connections).toBe(made.connections)
    expect(edited.processes?.['b']).toBe(made.processes?.['b'])
  })
})
