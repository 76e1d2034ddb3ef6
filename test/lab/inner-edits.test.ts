import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkGraph, formatFile } from '../../src/graph/index.ts'
import { describeInnerGraphs, openInnerGraphs } from '../../src/lab/graph-files.ts'
import { openLab, type Lab } from '../../src/lab/index.ts'
import type { GraphCommand, GraphEvent, GraphExport } from '../../src/shared/index.ts'
import { edge, graph, wire } from '../graph/fixtures.ts'

const outer = 'outer.graph.json'
const inner = 'parts/pass.graph.json'
const log: [string, Record<string, unknown>] = ['DistributedLogger', { instance_name: 'inner' }]
const pass: GraphExport = {
  ...graph({ first: log, second: log }, [wire('first.Output', 'second.Input')]),
  inports: { Lines: { ...edge('first', 'Lines'), portName: 'Input' } },
  outports: { Out: { ...edge('second', 'Out'), portName: 'Output' } },
}
const made = graph({ t: ['Interval', { intervalMs: 1, limit: 1 }], a: inner, b: inner, k: log }, [
  wire('t.Output', 'a.Lines'),
  wire('a.Out', 'b.Lines'),
  wire('b.Out', 'k.Input'),
])

let folder: string
let lab: Lab
beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'millrace-inner-edits-')))
  mkdirSync(path.join(folder, 'parts'))
  writeFileSync(at(inner), formatFile(pass))
  writeFileSync(at(outer), formatFile(made))
  const instances = ['1', '2'].map((instanceId) => ({ networkId: 'n', instanceId, graph: outer, isolation: 'inline' }))
  writeFileSync(at('a.lab.json'), JSON.stringify({ millrace: 1, instances }))
  lab = openLab({ file: at('a.lab.json'), door: 'browser', workerFile: '', consent: 'granted', stateDir: folder })
})
afterEach(async () => {
  await lab.abandon()
  rmSync(folder, { recursive: true })
})

const at = (name: string) => path.join(folder, name)
const edit = (name: string, ...commands: GraphCommand[]) => lab.graphs.edit(name, commands)
const summary = (name: string) => lab.graphs.get(name).summary
const running = () => lab.describe().instances[0]?.nodes.map(({ id }) => id)
const addThird: GraphCommand[] = [
  { type: 'addNode', id: 'third', component: 'DistributedLogger' },
  { type: 'connect', from: { node: 'second', port: 'Output' }, to: { node: 'third', port: 'Input' } },
]

describe('a graph inside others', () => {
  it('is a document of its own, which says where it is used', () => {
    expect(lab.graphs.list().map(({ graph: name }) => name)).toEqual([outer, inner])
    expect(summary(inner)).toMatchObject({
      instances: [],
      uses: [
        { graph: outer, node: 'a' },
        { graph: outer, node: 'b' },
      ],
    })
    expect(lab.graphs.get(outer).insides).toEqual([{ component: inner, graph: inner }])
    edit(inner, ...addThird)
    expect(summary(inner)).toMatchObject({ isChanged: true, undoName: 'add third' })
    expect(summary(outer)).toMatchObject({ isChanged: false })
  })

  it('tells of its edits also when an edit has just brought it in', () => {
    const other = 'parts/other.graph.json'
    writeFileSync(at(other), formatFile(pass))
    edit(outer, { type: 'addNode', id: 'c', component: other })
    const told: string[] = []
    lab.subscribe((event) => event.type === 'graph' && told.push(`${event.event.type} ${event.event.summary.graph}`))
    edit(other, ...addThird)
    expect(told).toEqual([`edited ${other}`])
  })

  it('changes all its uses with one apply, in every instance that contains it, and an undo takes all back', async () => {
    await lab.startAll()
    edit(inner, ...addThird)
    expect(summary(inner).notApplied).toEqual(['n/1', 'n/2'])
    expect(summary(outer).notApplied).toEqual([])
    expect(
      lab.graphs.differences(inner, 'running').map(({ differences }) => differences.map(({ text }) => text)),
    ).toEqual([
      ['+ node "third" (DistributedLogger)', '+ wire second.Output -> third.Input'],
      ['+ node "third" (DistributedLogger)', '+ wire second.Output -> third.Input'],
    ])
    expect(running()).toEqual(['t', 'a/first', 'a/second', 'b/first', 'b/second', 'k'])
    expect((await lab.graphs.apply(inner)).applied).toEqual(['n/1', 'n/2'])
    expect(running()).toEqual(['t', 'a/first', 'a/second', 'a/third', 'b/first', 'b/second', 'b/third', 'k'])
    expect(summary(inner).notApplied).toEqual([])
    lab.graphs.undo(inner)
    await lab.graphs.apply(inner, 'n/1')
    expect(running()).toEqual(['t', 'a/first', 'a/second', 'b/first', 'b/second', 'k'])
    expect(summary(inner).notApplied).toEqual(['n/2'])
    await lab.graphs.discard(inner)
  })

  it('is applied together with the graph around it, so that a port renamed on both sides never breaks', async () => {
    await lab.start('n/1')
    edit(inner, { type: 'renameOuterPort', side: 'outports', name: 'Out', to: 'Passed' })
    expect(summary(inner).notApplied).toEqual(['n/1'])
    await expect(lab.graphs.apply(inner)).rejects.toMatchObject({ code: 'PORT_UNKNOWN' })
    expect(running()).toContain('b/second')
    for (const [from, to] of [
      ['a', { node: 'b', port: 'Lines' }],
      ['b', { node: 'k', port: 'Input' }],
    ] as const)
      edit(
        outer,
        { type: 'disconnect', from: { node: from, port: 'Out' }, to },
        { type: 'connect', from: { node: from, port: 'Passed' }, to },
      )
    await lab.graphs.apply(outer)
    expect([...summary(outer).notApplied, ...summary(inner).notApplied]).toEqual([])
  })

  it('is started as it is shown, and after a crash as it ran', async () => {
    edit(inner, ...addThird)
    await lab.start('n/1')
    expect(running()).toContain('a/third')
    expect(summary(inner).notApplied).toEqual([])
    lab.graphs.undo(inner)
    expect(
      lab.graphs.planFor('n/1', outer, { isRestart: true }).composition.inner.get(at(inner))?.processes,
    ).toHaveProperty('third')
    expect(lab.graphs.planFor('n/1', outer, { isRestart: false }).composition.inner.get(at(inner))).toEqual(pass)
  })

  it('is saved into its own file alone, and not over what something else has written there', async () => {
    edit(inner, ...addThird)
    await lab.graphs.save(inner)
    expect(JSON.parse(readFileSync(at(inner), 'utf8'))).toEqual(lab.graphs.get(inner).value)
    expect(readFileSync(at(outer), 'utf8')).toBe(formatFile(made))
    edit(inner, { type: 'removeNode', id: 'third' })
    writeFileSync(at(inner), formatFile(pass))
    await expect(lab.graphs.save(inner)).rejects.toMatchObject({ code: 'FILE_CHANGED' })
    rmSync(at(inner))
    await expect(lab.graphs.save(inner)).rejects.toMatchObject({ code: 'FILE_CHANGED' })
    await lab.graphs.save(inner, { overwrite: true })
    expect(existsSync(at(inner))).toBe(true)
  })

  it('is not put into itself, near or far, and the refusal names both', () => {
    const use = (component: string): GraphCommand => ({ type: 'addNode', id: 'again', component })
    expect(() => edit(inner, use('pass.graph.json'))).toThrow(
      expect.objectContaining({
        code: 'SUBGRAPH_CYCLE',
        message: '"pass.graph.json" cannot be put into parts/pass.graph.json, which would then contain itself',
      }),
    )
    expect(() => edit(inner, use('../outer.graph.json'))).toThrow(
      'itself: outer.graph.json is made of parts/pass.graph.json',
    )
    expect(summary(inner)).toMatchObject({ revision: 0, isChanged: false })
  })

  it('is not put into itself by an undo, a redo or a return to what was either, which then change nothing', () => {
    const around: GraphCommand = { type: 'addNode', id: 'around', component: '../outer.graph.json' }
    edit(outer, { type: 'removeNode', id: 'a' }, { type: 'removeNode', id: 'b' })
    edit(inner, around)
    const [without, within] = [lab.graphs.get(outer).value, lab.graphs.get(inner).value]
    expect(() => lab.graphs.undo(outer)).toThrow(expect.objectContaining({ code: 'SUBGRAPH_CYCLE' }))
    expect(() => lab.graphs.discard(outer)).toThrow(expect.objectContaining({ code: 'SUBGRAPH_CYCLE' }))
    expect(lab.graphs.get(outer).value).toEqual(without)
    lab.graphs.undo(inner)
    lab.graphs.undo(outer)
    expect(() => lab.graphs.redo(inner)).toThrow(expect.objectContaining({ code: 'SUBGRAPH_CYCLE' }))
    lab.graphs.redo(outer)
    lab.graphs.redo(inner)
    expect([lab.graphs.get(outer).value, lab.graphs.get(inner).value]).toEqual([without, within])
  })

  it('is opened once something uses it, told to those who watch, and left closed outside the folders of the lab', () => {
    writeFileSync(at('parts/more.graph.json'), formatFile(pass))
    const told: GraphEvent[] = []
    lab.subscribe((event) => event.type === 'graph' && told.push(event.event))
    edit(outer, { type: 'addNode', id: 'c', component: 'parts/more.graph.json' })
    expect(told.map(({ type, summary: { graph: name } }) => `${type} ${name}`)).toContain('uses parts/more.graph.json')
    expect(summary('parts/more.graph.json').uses).toEqual([{ graph: outer, node: 'c' }])
    const elsewhere = mkdtempSync(path.join(tmpdir(), 'millrace-elsewhere-'))
    try {
      writeFileSync(path.join(elsewhere, 'x.graph.json'), formatFile(pass))
      edit(outer, {
        type: 'setComponent',
        id: 'c',
        component: path.relative(folder, path.join(elsewhere, 'x.graph.json')),
      })
      expect(lab.graphs.get(outer).insides.at(-1)?.refusal).toContain('outside the folders of the lab')
    } finally {
      rmSync(elsewhere, { recursive: true })
    }
    edit(outer, { type: 'setComponent', id: 'c', component: 'parts/gone.graph.json' })
    expect(lab.graphs.get(outer).insides.at(-1)?.refusal).toContain('gone.graph.json')
  })

  it('has an outer wire at a port that it exposes no longer told by name, with a way out', () => {
    edit(inner, { type: 'removeNode', id: 'second' })
    const { value, file } = lab.graphs.get(outer)
    const known = describeInnerGraphs(value, file, lab.catalogue, lab.graphs.readAt)
    const found = checkGraph(value, undefined, [...lab.catalogue, ...known]).filter(
      ({ severity }) => severity === 'error',
    )
    expect(found.map(({ code, wire: id, message }) => `${code} ${id}: ${message}`)).toEqual([
      'PORT_UNKNOWN a.Out -> b.Lines: node "a" has no outport "Out"; it has none',
      'PORT_UNKNOWN b.Out -> k.Input: node "b" has no outport "Out"; it has none',
    ])
    const [fix] = found.flatMap((finding) => finding.fix ?? [])
    edit(outer, ...(fix?.commands ?? []))
    expect(lab.graphs.get(outer).value.connections).toHaveLength(2)
  })

  it('runs what is drawn after any edits, undos and applies of it and of the graph around it', async () => {
    await lab.start('n/1')
    const step = fc.record({
      where: fc.constantFrom(outer, inner),
      what: fc.oneof(
        {
          weight: 3,
          arbitrary: fc.nat(3).map((id): GraphCommand => ({ type: 'addNode', id: `x${id}`, component: 'Debounce' })),
        },
        { weight: 2, arbitrary: fc.nat(3).map((id): GraphCommand => ({ type: 'removeNode', id: `x${id}` })) },
        { weight: 1, arbitrary: fc.constant('undo' as const) },
        { weight: 1, arbitrary: fc.constant('redo' as const) },
        { weight: 2, arbitrary: fc.constant('apply' as const) },
      ),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        for (const { where, what } of steps) {
          if (what === 'apply') await lab.graphs.apply(where)
          else if (what === 'undo') lab.graphs.undo(where)
          else if (what === 'redo') lab.graphs.redo(where)
          // What cannot be is refused, and changes nothing.
          else if (isPossible(lab.graphs.get(where).value, what)) edit(where, what)
        }
        const { value, file } = lab.graphs.get(outer)
        const drawn = openInnerGraphs(value, file, new Map([[at(inner), lab.graphs.get(inner).value]])).graph
        await lab.graphs.apply(inner)
        expect(running()).toEqual(Object.keys(drawn.processes ?? {}))
        expect([outer, inner].flatMap((name) => summary(name).notApplied)).toEqual([])
        for (const name of [outer, inner]) while (summary(name).undoName !== undefined) lab.graphs.undo(name)
        expect([outer, inner].map((name) => lab.graphs.text(name))).toEqual([formatFile(made), formatFile(pass)])
      }),
      { numRuns: 12 },
    )
  })
})

function isPossible({ processes = {} }: GraphExport, command: GraphCommand): boolean {
  return 'id' in command && Object.hasOwn(processes, command.id) === (command.type === 'removeNode')
}
