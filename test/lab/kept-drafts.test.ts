import fc from 'fast-check'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatFile } from '../../src/graph/index.ts'
import { openLab, type Lab } from '../../src/lab/index.ts'
import type { GraphCommand, GraphExport } from '../../src/shared/index.ts'
import { graph, wire } from '../graph/fixtures.ts'

const name = 'g.graph.json'
const made: GraphExport = graph({ ticks: 'Interval', logger: 'DistributedLogger' }, [
  wire('ticks.Output', 'logger.Input'),
])

let folder: string
let lab: Lab
const file = () => path.join(folder, name)
const draftsFolder = () => path.join(folder, 'state/drafts')
const drafts = () => readdirSync(draftsFolder())

function open(door: 'browser' | 'none' = 'browser'): Lab {
  const stateDir = path.join(folder, 'state')
  lab = openLab({ file: path.join(folder, 'a.lab.json'), door, workerFile: 'none', consent: 'granted', stateDir })
  return lab
}
async function openAnew(): Promise<Lab> {
  await lab.abandon()
  return open()
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-drafts-'))
  writeFileSync(file(), formatFile(made))
  const instances = [{ networkId: 'n', instanceId: '1', graph: name, isolation: 'inline' }]
  writeFileSync(path.join(folder, 'a.lab.json'), JSON.stringify({ millrace: 1, instances }))
  open()
})
afterEach(async () => {
  await lab.abandon()
  rmSync(folder, { recursive: true })
})

const value = () => lab.graphs.get(name).value
const add = (id: string): GraphCommand => ({ type: 'addNode', id, component: 'DistributedLogger' })

describe('edits that were not saved', () => {
  it('come back when the lab is opened again, as one step that can be undone, and are no longer kept once they are saved', async () => {
    lab.graphs.edit(name, [add('second')])
    lab.graphs.edit(name, [add('third')])
    const edited = value()
    await openAnew()
    expect(value()).toEqual(edited)
    expect(lab.graphs.list()).toMatchObject([{ isChanged: true, undoName: 'come back to edits that were not saved' }])
    expect(lab.describe().warnings[0]).toMatch(
      /^g\.graph\.json: edits of .+ that were not saved have come back; save, undo or discard them$/u,
    )
    expect(readFileSync(file(), 'utf8')).toBe(formatFile(made))
    lab.graphs.undo(name)
    expect(value()).toEqual(made)
    lab.graphs.redo(name)
    await lab.graphs.save(name)
    await openAnew()
    expect(value()).toEqual(edited)
    expect(lab.graphs.list()).toMatchObject([{ isChanged: false }])
    expect(lab.describe().warnings.filter((warning) => warning.includes('come back'))).toEqual([])
    expect(drafts()).toEqual([])
  })

  it('are forgotten with the last undo, and by a discard', async () => {
    for (const takeBack of ['undo', 'discard'] as const) {
      lab.graphs.edit(name, [add('second')])
      await openAnew()
      expect(value().processes).toHaveProperty('second')
      lab.graphs[takeBack](name)
      await openAnew()
      expect(value()).toEqual(made)
      expect(drafts()).toEqual([])
    }
  })

  it('lie beside when the file was changed meanwhile, and a person is told where', async () => {
    lab.graphs.edit(name, [add('second')])
    const edited = value()
    await lab.abandon()
    const other = graph({ ticks: 'Interval' })
    writeFileSync(file(), formatFile(other))
    open()
    expect(value()).toEqual(other)
    expect(lab.graphs.list()).toMatchObject([{ isChanged: false }])
    const [aside = '', ...more] = drafts()
    expect(more).toEqual([])
    expect(JSON.parse(readFileSync(path.join(draftsFolder(), aside), 'utf8'))).toEqual(edited)
    expect(lab.describe().warnings[0]).toContain(path.join(draftsFolder(), aside))
  })

  it('leave a lab open that finds something else in their place', async () => {
    lab.graphs.edit(name, [add('second')])
    await lab.abandon()
    const warned: string[] = []
    for (const text of ['{"graph":', '{}', '{"file":"x","base":"y","editedMs":1,"graph":[]}']) {
      for (const draft of drafts()) writeFileSync(path.join(draftsFolder(), draft), text)
      open()
      expect(value()).toEqual(made)
      await lab.abandon()
      warned.push(...lab.logs.recent({ limit: 10, level: 'warn' }).map(({ text: line }) => line))
    }
    expect(warned).toHaveLength(3)
    for (const line of warned) expect(line).toContain(draftsFolder())
  })

  it('come back with the graphs that were made of nodes and are in no file yet', async () => {
    const { inner } = lab.graphs.makeSubgraph(name, { nodes: ['ticks'], name: 'source' })
    lab.graphs.edit(inner, [add('within')])
    const [outside, inside] = [value(), lab.graphs.get(inner).value]
    await openAnew()
    expect(value()).toEqual(outside)
    expect(lab.graphs.get(inner).value).toEqual(inside)
    expect(lab.graphs.list()).toMatchObject([{ isChanged: true }, { graph: inner, isChanged: true }])
    // Nobody wants it once what made it is undone.
    lab.graphs.undo(name)
    await openAnew()
    expect(value()).toEqual(made)
    expect(drafts()).toEqual([])
  })

  it('are nobody’s who opens the lab without a window', async () => {
    lab.graphs.edit(name, [add('second')])
    await lab.abandon()
    open('none')
    expect(value()).toEqual(made)
  })

  it('are whatever was edited, in any order', async () => {
    const id = fc.constantFrom('a', 'b', 'c', 'ticks', 'logger')
    const step = fc.oneof(
      id.map((node) => ({ node, type: 'toggle' as const })),
      id.map((node) => ({ node, type: 'move' as const })),
      fc.constant({ node: '', type: 'undo' as const }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        for (const { node, type } of steps) {
          const isThere = value().processes?.[node] !== undefined
          if (type === 'undo') lab.graphs.undo(name)
          else if (type === 'toggle') lab.graphs.edit(name, [isThere ? { type: 'removeNode', id: node } : add(node)])
          else if (isThere) lab.graphs.edit(name, [{ type: 'moveNode', id: node, position: { x: steps.length, y: 1 } }])
        }
        const before = value()
        await openAnew()
        expect(value()).toEqual(before)
      }),
      { numRuns: 25 },
    )
  })
})
