import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatFile } from '../../src/graph/index.ts'
import { openLab, type Lab } from '../../src/lab/index.ts'
import type { GraphCommand, GraphEvent, GraphExport } from '../../src/shared/index.ts'
import { graph, wire } from '../graph/fixtures.ts'

const name = 'g.graph.json'
const instance = 'n/1'
const made: GraphExport = graph(
  { ticks: ['Interval', { intervalMs: 2, value: 'count' }], logger: 'DistributedLogger' },
  [wire('ticks.Output', 'logger.Input')],
)
const from = { node: 'ticks', port: 'Output' }

let folder: string
let file: string
let lab: Lab
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-graphs-'))
  file = path.join(folder, name)
  writeFileSync(file, formatFile(made))
  const instances = [{ networkId: 'n', instanceId: '1', graph: name, isolation: 'inline' }]
  const labFile = path.join(folder, 'a.lab.json')
  writeFileSync(labFile, JSON.stringify({ millrace: 1, instances }))
  lab = openLab({ file: labFile, door: 'browser', workerFile: 'none', consent: 'granted', stateDir: folder })
})
afterEach(async () => {
  await lab.abandon()
  rmSync(folder, { recursive: true })
})

const edit = (...commands: GraphCommand[]) => lab.graphs.edit(name, commands)
const addLogger = (id: string): GraphCommand[] => [
  { type: 'addNode', id, component: 'DistributedLogger', metadata: { position: { x: 1, y: 2 } } },
  { type: 'connect', from, to: { node: id, port: 'Input' } },
]

/** Waits for figures of which a test holds. */
function figures(holds: (received: Record<string, number>) => boolean): Promise<Record<string, number>> {
  return new Promise((resolve) => {
    const stop = lab.subscribe((event) => {
      if (event.type !== 'metrics') return
      const received = Object.fromEntries(event.metrics.nodes.map((node) => [node.id, node.received]))
      if (!holds(received)) return
      stop()
      resolve(received)
    })
  })
}

/** Waits for something to happen to a graph. */
function graphEvent(type: GraphEvent['type']): Promise<GraphEvent> {
  return new Promise((resolve) => {
    const stop = lab.subscribe((event) => {
      if (event.type !== 'graph' || event.event.type !== type) return
      stop()
      resolve(event.event)
    })
  })
}

describe('a graph of a lab', () => {
  it('is shown with its edits and started with them, saved or not', async () => {
    edit(...addLogger('second'))
    expect(lab.describe().instances[0]?.nodes.map(({ id }) => id)).toEqual(['ticks', 'logger', 'second'])
    await lab.start(instance)
    await figures(({ second = 0 }) => second > 2)
    expect(lab.graphs.list()).toMatchObject([{ isChanged: true, undoName: 'add second', notApplied: [] }])
    expect(readFileSync(file, 'utf8')).toBe(formatFile(made))
  })

  it('goes to the running network with an apply, and so does an undo', async () => {
    await lab.start(instance)
    await figures(({ logger = 0 }) => logger > 2)
    edit(...addLogger('second'))
    expect(lab.graphs.list()[0]?.notApplied).toEqual([instance])
    expect(lab.graphs.differences(name, 'running')).toMatchObject([
      {
        instance,
        differences: [{ text: '+ node "second" (DistributedLogger)' }, { text: '+ wire ticks.Output -> second.Input' }],
      },
    ])
    expect(lab.describe().instances[0]?.nodes).toHaveLength(2)
    await lab.graphs.apply(name)
    const { logger: before = 0 } = await figures(({ second = 0 }) => second > 2)
    expect(lab.describe().instances[0]?.nodes).toHaveLength(3)
    lab.graphs.undo(name)
    expect((await lab.graphs.apply(name)).applied).toEqual([instance])
    await figures(({ logger = 0, ...others }) => logger > before && !('second' in others))
    expect(lab.graphs.differences(name, 'running')[0]?.differences).toEqual([])
  })

  it('applies each edit and undo at once while it is live', async () => {
    await lab.start(instance)
    await lab.graphs.setLive(name, true)
    const applied = graphEvent('applied')
    edit(...addLogger('second'))
    expect((await applied).summary.notApplied).toEqual([])
    await figures(({ second = 0 }) => second > 2)
    const undone = graphEvent('applied')
    lab.graphs.undo(name)
    await undone
    await figures((received) => !('second' in received))
  })

  it('leaves the running network as it was when an apply cannot be', async () => {
    await lab.start(instance)
    edit(
      ...addLogger('second'),
      { type: 'setNodeField', id: 'ticks', path: ['intervalMs'], value: 3 },
      { type: 'connect', from: { node: 'ticks', port: 'Nowhere' }, to: { node: 'second', port: 'Input' } },
    )
    await expect(lab.graphs.apply(name)).rejects.toMatchObject({ code: 'PORT_UNKNOWN' })
    expect(lab.graphs.list()[0]?.notApplied).toEqual([instance])
    await figures((received) => Object.keys(received).join() === 'ticks,logger')
    edit({ type: 'setComponent', id: 'logger', component: 'Nothing' })
    await expect(lab.graphs.apply(name)).rejects.toMatchObject({ code: 'ACTOR_UNKNOWN' })
    lab.graphs.undo(name)
    lab.graphs.undo(name)
    await lab.graphs.apply(name)
    const { logger: before = 0 } = await figures(({ logger = 0 }) => logger > 0)
    await figures(({ logger = 0 }) => logger > before)
  })

  it('goes back to what runs, else to its file, and a discard can be undone', async () => {
    edit(...addLogger('second'))
    lab.graphs.discard(name)
    expect(lab.graphs.list()).toMatchObject([{ isChanged: false, undoName: 'discard the changes' }])
    lab.graphs.undo(name)
    expect(Object.keys(lab.graphs.get(name).value.processes ?? {})).toEqual(['ticks', 'logger', 'second'])
    await lab.start(instance)
    edit({ type: 'removeNode', id: 'logger' })
    expect(lab.graphs.discard(name).summary).toMatchObject({ notApplied: [], isChanged: true })
    expect(Object.keys(lab.graphs.get(name).value.processes ?? {})).toEqual(['ticks', 'logger', 'second'])
    lab.graphs.undo(name)
    expect(lab.graphs.list()[0]?.notApplied).toEqual([instance])
  })

  it('adds, widens and removes a remote node while it runs, and refuses one that is wrong', async () => {
    await lab.start(instance)
    const remote = (spread: string): GraphCommand => ({
      type: 'addNode',
      id: 'far',
      component: 'sink@elsewhere',
      metadata: { millrace: { spread } },
    })
    edit(remote('sideways'))
    await expect(lab.graphs.apply(name)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    lab.graphs.undo(name)
    edit(remote('round-robin'), { type: 'connect', from, to: { node: 'far', port: 'Input' } })
    await lab.graphs.apply(name)
    edit({ type: 'connect', from: { node: 'far', port: 'Output' }, to: { node: 'logger', port: 'Input' } })
    await lab.graphs.apply(name)
    const wires = () => lab.metrics()[0]?.wires.map(({ id }) => id)
    await figures(() => wires()?.length === 3)
    expect(wires()?.sort()).toEqual([
      'far.Output -> logger.Input',
      'ticks.Output -> far.Input',
      'ticks.Output -> logger.Input',
    ])
    edit({ type: 'removeNode', id: 'far' })
    await lab.graphs.apply(name)
    await figures((received) => !('far' in received))
  })

  it('puts another actor in the place of one, with the wires it had', async () => {
    await lab.start(instance)
    await figures(({ logger = 0 }) => logger > 2)
    edit({ type: 'setComponent', id: 'logger', component: 'MetricsCollector' })
    await lab.graphs.apply(name)
    await figures(({ logger = 0 }) => logger > 0)
    const [metrics] = lab.metrics()
    expect(metrics?.nodes.find(({ id }) => id === 'logger')?.component).toBe('MetricsCollector')
    expect(metrics?.wires.map(({ id }) => id)).toEqual(['ticks.Output -> logger.Input'])
  })

  it('changes what a wire holds while it runs, and loses nothing', async () => {
    await lab.start(instance)
    edit({ type: 'setWireOptions', from, to: { node: 'logger', port: 'Input' }, options: { capacity: 7 } })
    await lab.graphs.apply(name)
    await figures(({ logger = 0 }) => logger > 5)
    expect(lab.metrics()[0]?.wires).toMatchObject([{ capacity: 7, dropped: 0 }])
    expect(lab.deadLetters()).toEqual([])
  })

  it('writes its file whole, and says that it is unchanged then', async () => {
    edit(...addLogger('second'))
    const saved = graphEvent('saved')
    expect(await lab.graphs.save(name)).toMatchObject({ isChanged: false, undoName: 'add second' })
    await saved
    expect(readFileSync(file, 'utf8')).toBe(lab.graphs.text(name))
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(lab.graphs.get(name).value)
    lab.graphs.undo(name)
    expect(lab.graphs.text(name)).toBe(formatFile(made))
    await lab.graphs.save(name)
    expect(readFileSync(file, 'utf8')).toBe(formatFile(made))
  })

  it('does not overwrite what something else has written, unless it is told to', async () => {
    edit(...addLogger('second'))
    const other = formatFile(graph({ other: 'DistributedLogger' }))
    writeFileSync(file, other)
    await expect(lab.graphs.save(name)).rejects.toMatchObject({ code: 'FILE_CHANGED' })
    expect(readFileSync(file, 'utf8')).toBe(other)
    await lab.graphs.save(name, { overwrite: true })
    expect(readFileSync(file, 'utf8')).toBe(lab.graphs.text(name))
  })

  it('takes the file anew as a step that can be undone, and keeps what it has when that is broken', () => {
    edit(...addLogger('second'))
    writeFileSync(file, formatFile(graph({ other: 'DistributedLogger' })))
    lab.graphs.reload(name)
    expect(Object.keys(lab.graphs.get(name).value.processes ?? {})).toEqual(['other'])
    lab.graphs.undo(name)
    expect(Object.keys(lab.graphs.get(name).value.processes ?? {})).toEqual(['ticks', 'logger', 'second'])
    writeFileSync(file, '{')
    expect(() => lab.graphs.reload(name)).toThrow(expect.objectContaining({ code: 'FILE_INVALID' }))
    expect(Object.keys(lab.graphs.get(name).value.processes ?? {})).toHaveLength(3)
  })

  it('compares itself with its file', () => {
    edit({ type: 'moveNode', id: 'logger', position: { x: 5, y: 5 } })
    expect(lab.graphs.differences(name, 'file')).toEqual([
      {
        differences: [
          expect.objectContaining({ text: '~ node "logger": position nothing → {"x":5,"y":5}', matters: false }),
        ],
      },
    ])
  })

  it('refuses an edit by name and changes nothing', () => {
    expect(() => edit(...addLogger('second'), { type: 'removeNode', id: 'lgger' })).toThrow(
      expect.objectContaining({ code: 'NODE_UNKNOWN', message: expect.stringContaining('"logger"') as string }),
    )
    expect(lab.graphs.list()[0]).toMatchObject({ revision: 0, isChanged: false })
    expect(() => lab.graphs.get('h.graph.json')).toThrow(expect.objectContaining({ code: 'GRAPH_UNKNOWN' }))
  })
})

describe('the watch of a graph file', () => {
  it('takes the file when nothing was edited, and only says so when something was', async () => {
    await lab.graphs.watching
    const reloaded = graphEvent('reloaded')
    writeFileSync(file, formatFile(graph({ other: 'DistributedLogger' })))
    await reloaded
    expect(Object.keys(lab.graphs.get(name).value.processes ?? {})).toEqual(['other'])
    edit({ type: 'removeNode', id: 'other' })
    const changed = graphEvent('changedOnDisk')
    writeFileSync(file, formatFile(made))
    expect((await changed).summary).toMatchObject({ isChangedOnDisk: true, isChanged: true })
    expect(Object.keys(lab.graphs.get(name).value.processes ?? {})).toEqual([])
  })
})
