import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatFile } from '../../src/graph/index.ts'
import { openLab, type Lab } from '../../src/lab/index.ts'
import type { GraphEvent, GraphExport } from '../../src/shared/index.ts'
import { edge, graph, wire } from '../graph/fixtures.ts'

const outer = 'outer.graph.json'
const log: [string, Record<string, unknown>] = ['DistributedLogger', { instance_name: 'inner' }]
const made = graph({ t: ['Interval', { intervalMs: 1, limit: 3 }], a: log, b: log, k: log }, [
  wire('t.Output', 'a.Input'),
  wire('a.Output', 'b.Input', { millrace: { capacity: 9 } }),
  wire('b.Output', 'k.Input', { millrace: { policy: 'drop-oldest' } }),
])
const deep: GraphExport = {
  ...graph({ x: log }),
  inports: { In: edge('x', 'Input') },
  outports: { Out: edge('x', 'Output') },
}
const holder: GraphExport = {
  ...graph({ y: 'deep.graph.json' }),
  inports: { In: edge('y', 'In') },
  outports: { Out: edge('y', 'Out') },
}

let folder: string
let lab: Lab
const events: GraphEvent[] = []
const at = (name: string) => path.join(folder, name)
const open = () =>
  openLab({ file: at('a.lab.json'), door: 'browser', workerFile: '', consent: 'granted', stateDir: folder })
beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'millrace-subgraphs-')))
  mkdirSync(at('parts'))
  writeFileSync(at(outer), formatFile(made))
  writeFileSync(at('parts/holder.graph.json'), formatFile(holder))
  writeFileSync(at('parts/deep.graph.json'), formatFile(deep))
  const instances = [{ networkId: 'n', instanceId: '1', graph: outer, isolation: 'inline', exports: ['k'] }]
  writeFileSync(at('a.lab.json'), JSON.stringify({ millrace: 1, instances }))
  lab = open()
  events.length = 0
  lab.subscribe((event) => event.type === 'graph' && events.push(event.event))
})
afterEach(async () => {
  await lab.abandon()
  rmSync(folder, { recursive: true })
})

const summary = (name: string) => lab.graphs.get(name).summary
const running = () => lab.describe().instances[0]?.nodes.map(({ id }) => id)
const textOf = (name: string) => readFileSync(at(name), 'utf8')
const make = (nodes: string[], name: string) => lab.graphs.makeSubgraph(outer, { nodes, name })

describe('a subgraph made in a lab', () => {
  it('is a graph of its own at once, and a file with the first save, of it or of what it is in', async () => {
    expect(make(['a', 'b'], 'Two loggers!')).toMatchObject({
      inner: 'two-loggers.graph.json',
      nodes: ['Two loggers!'],
      summary: { graph: outer, isChanged: true, undoName: 'make subgraph Two loggers!' },
    })
    expect(lab.graphs.get(outer).insides).toEqual([
      { component: 'two-loggers.graph.json', graph: 'two-loggers.graph.json' },
    ])
    expect(summary('two-loggers.graph.json')).toMatchObject({
      uses: [{ graph: outer, node: 'Two loggers!' }],
      isChanged: true,
      isNew: true,
      isChangedOnDisk: false,
    })
    expect(events.map(({ type, summary: { graph: name } }) => [type, name])).toEqual([
      ['edited', outer],
      ['uses', 'two-loggers.graph.json'],
    ])
    expect(lab.graphs.differences('two-loggers.graph.json', 'file')[0]?.differences.map(({ text }) => text)).toContain(
      '+ node "a" (DistributedLogger)',
    )
    expect([existsSync(at('two-loggers.graph.json')), textOf(outer)]).toEqual([false, formatFile(made)])

    await lab.graphs.save(outer)
    expect(JSON.parse(textOf('two-loggers.graph.json'))).toEqual(lab.graphs.get('two-loggers.graph.json').value)
    expect([summary(outer).isChanged, summary('two-loggers.graph.json').isChanged]).toEqual([false, false])
    expect(summary('two-loggers.graph.json').isNew).toBeUndefined()
    await lab.abandon()
    lab = open()
    expect(running()).toEqual(['t', 'Two loggers!/a', 'Two loggers!/b', 'k'])
    expect(summary(outer)).toMatchObject({ isChanged: false, notApplied: [] })
  })

  it('is brought to what runs and back, as any edit is', async () => {
    await lab.startAll()
    make(['a', 'b'], 'pair')
    expect(summary(outer).notApplied).toEqual(['n/1'])
    await lab.graphs.apply(outer)
    expect(running()).toEqual(['t', 'pair/a', 'pair/b', 'k'])
    expect(lab.describe().instances[0]?.wires.map(({ id }) => id)).toEqual([
      't.Output -> pair/a.Input',
      'pair/b.Output -> k.Input',
      'pair/a.Output -> pair/b.Input',
    ])
    expect([summary(outer).notApplied, summary('pair.graph.json').notApplied]).toEqual([[], []])
    lab.graphs.undo(outer)
    expect(summary(outer)).toMatchObject({ isChanged: false, notApplied: ['n/1'] })
    await lab.graphs.apply(outer)
    expect(running()).toEqual(['t', 'a', 'b', 'k'])
  })

  it('is wanted by nobody once it is undone, and comes back, edits and all, with a redo', async () => {
    make(['a', 'b'], 'pair')
    lab.graphs.edit('pair.graph.json', [{ type: 'addNode', id: 'c', component: 'DistributedLogger' }])
    lab.graphs.undo(outer)
    expect(lab.graphs.text(outer)).toBe(formatFile(made))
    expect([summary(outer).isChanged, summary('pair.graph.json').isChanged]).toEqual([false, false])
    lab.graphs.redo(outer)
    expect(summary('pair.graph.json').isChanged).toBe(true)
    expect(Object.keys(lab.graphs.get('pair.graph.json').value.processes ?? {})).toEqual(['a', 'b', 'c'])
    lab.graphs.undo(outer)
    // Made of other nodes under the same name, it takes the place of the one that nobody wants.
    expect(make(['a'], 'pair').inner).toBe('pair.graph.json')
    expect(Object.keys(lab.graphs.get('pair.graph.json').value.processes ?? {})).toEqual(['a'])
    await lab.graphs.save(outer)
    expect(existsSync(at('pair.graph.json'))).toBe(true)
  })

  it('never takes the file of another graph, nor one that something else has written meanwhile', async () => {
    writeFileSync(at('pair.graph.json'), formatFile(deep))
    expect(make(['a'], 'pair').inner).toBe('pair-2.graph.json')
    expect(make(['b'], 'Pair').inner).toBe('pair-3.graph.json')
    writeFileSync(at('pair-2.graph.json'), formatFile(deep))
    await expect(lab.graphs.save(outer)).rejects.toMatchObject({ code: 'FILE_CHANGED' })
    expect(textOf(outer)).toBe(formatFile(made))
    await lab.graphs.save('pair-2.graph.json', { overwrite: true })
    await lab.graphs.save(outer)
    expect(textOf('pair.graph.json')).toBe(formatFile(deep))
  })

  it('goes with everything that was not saved, when that is discarded', () => {
    make(['a', 'b'], 'pair')
    lab.graphs.discard(outer)
    expect(lab.graphs.get(outer).value).toEqual(made)
    expect(lab.graphs.list().filter(({ isChanged }) => isChanged)).toEqual([])
    lab.graphs.undo(outer)
    lab.graphs.edit('pair.graph.json', [{ type: 'removeNode', id: 'b' }])
    lab.graphs.discard('pair.graph.json')
    expect(Object.keys(lab.graphs.get('pair.graph.json').value.processes ?? {})).toEqual(['a', 'b'])
    expect(summary('pair.graph.json').isChanged).toBe(true)
  })

  it('takes no node that peers know by its name, and changes nothing where it cannot be made', () => {
    expect(() => make(['b', 'k'], 'pair')).toThrow(expect.objectContaining({ code: 'NODE_EXPORTED' }))
    expect(() => make(['b', 'k'], 'pair')).toThrow('peers of n/1 know the node "k" by that name')
    expect(() => make(['a'], 't')).toThrow(expect.objectContaining({ code: 'NODE_DUPLICATE' }))
    expect(() => make(['z'], 'pair')).toThrow(expect.objectContaining({ code: 'NODE_UNKNOWN' }))
    expect(lab.graphs.list().map(({ graph: name, revision }) => [name, revision])).toEqual([[outer, 0]])
  })
})

describe('a subgraph dissolved in a lab', () => {
  const use = (component: string) =>
    lab.graphs.edit(outer, [
      { type: 'addNode', id: 's', component },
      { type: 'connect', from: { node: 'a', port: 'Output' }, to: { node: 's', port: 'In' } },
    ])

  it('runs on as its nodes, and what it was in another folder is named from here', async () => {
    use('parts/holder.graph.json')
    await lab.startAll()
    expect(running()).toEqual(['t', 'a', 'b', 'k', 's/y/x'])
    expect(lab.graphs.dissolveSubgraph(outer, { node: 's' })).toMatchObject({
      inner: 'parts/holder.graph.json',
      nodes: ['y'],
      summary: { undoName: 'dissolve subgraph s' },
    })
    expect(lab.graphs.get(outer).value.processes?.['y']?.component).toBe('parts/deep.graph.json')
    expect(lab.graphs.dissolveSubgraph(outer, { node: 'y' }).nodes).toEqual(['x'])
    await lab.graphs.apply(outer)
    expect(running()).toEqual(['t', 'a', 'b', 'k', 'x'])
    for (let step = 0; step < 3; step++) lab.graphs.undo(outer)
    expect(lab.graphs.text(outer)).toBe(formatFile(made))
    expect(textOf('parts/holder.graph.json')).toBe(formatFile(holder))
  })

  it('is taken as it is drawn, also where it was never saved', () => {
    make(['a', 'b'], 'pair')
    lab.graphs.edit('pair.graph.json', [{ type: 'renameNode', id: 'a', to: 'k' }])
    expect(lab.graphs.dissolveSubgraph(outer, { node: 'pair' }).nodes).toEqual(['k_2', 'b'])
    expect(summary('pair.graph.json').isChanged).toBe(false)
  })

  it('is left alone where its file cannot be read, lies outside the lab, or is none', () => {
    const refusal = (node: string) => expect(() => lab.graphs.dissolveSubgraph(outer, { node }))
    use('parts/gone.graph.json')
    refusal('s').toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND' }))
    writeFileSync(at('parts/gone.graph.json'), '{')
    refusal('s').toThrow(expect.objectContaining({ code: 'FILE_INVALID' }))
    writeFileSync(at('parts/gone.graph.json'), formatFile(deep))
    expect(lab.graphs.dissolveSubgraph(outer, { node: 's' }).nodes).toEqual(['x'])
    lab.graphs.edit(outer, [{ type: 'addNode', id: 'far', component: '/elsewhere/far.graph.json' }])
    refusal('far').toThrow(expect.objectContaining({ code: 'FORBIDDEN' }))
    refusal('a').toThrow('"a" is no subgraph')
    refusal('nobody').toThrow(expect.objectContaining({ code: 'NODE_UNKNOWN' }))
  })
})
