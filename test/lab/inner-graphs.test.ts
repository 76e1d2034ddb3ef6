import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkFile, openLab } from '../../src/lab/index.ts'
import { LabSource } from '../../src/lab/lab-source.ts'
import type { GraphExport } from '../../src/shared/index.ts'
import { edge, graph, wire } from '../graph/fixtures.ts'

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'millrace-inner-')))
  mkdirSync(path.join(folder, 'parts'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, content: unknown): string {
  const file = path.join(folder, name)
  writeFileSync(file, JSON.stringify(content))
  return file
}

function writeNested(inner: Partial<GraphExport> = {}): string {
  const log: [string, Record<string, unknown>] = ['DistributedLogger', { instance_name: 'inner' }]
  write('parts/twice.graph.json', {
    ...graph({ first: log, second: log }, [wire('first.Output', 'second.Input')]),
    inports: { Lines: { ...edge('first', 'Lines'), portName: 'Input' } },
    outports: { Out: { ...edge('second', 'Out'), portName: 'Output' } },
    ...inner,
  })
  write(
    'outer.graph.json',
    graph({ t: ['Interval', { intervalMs: 1, value: 'count', limit: 3 }], sub: 'parts/twice.graph.json', k: log }, [
      wire('t.Output', 'sub.Lines'),
      wire('sub.Out', 'k.Input'),
    ]),
  )
  const instance = { networkId: 'n', instanceId: '1', graph: 'outer.graph.json', exports: ['sub/second'] }
  return write('a.lab.json', { millrace: 1, instances: [{ ...instance, bindPort: 0, isolation: 'inline' }] })
}

const problems = (file: string) =>
  checkFile(file, {})
    .filter(({ severity }) => severity !== 'note')
    .map((finding) => `${path.basename(finding.file)} ${finding.code} ${finding.pointer}`)

describe('a graph inside a graph', () => {
  it('runs: its nodes are part of the network, under the name of the node that stands for it', async () => {
    const lab = openLab({
      file: writeNested(),
      door: 'none',
      workerFile: '',
      consent: 'granted',
      stateDir: folder,
      env: {},
    })
    const received = new Promise<Record<string, number>>((resolve) => {
      lab.subscribe((event) => {
        if (event.type !== 'metrics') return
        const counts = Object.fromEntries(event.metrics.nodes.map(({ id, received: count }) => [id, count]))
        if (counts['k'] === 3) resolve(counts)
      })
    })
    await lab.startAll()
    expect(await received).toEqual({ t: 0, 'sub/first': 3, 'sub/second': 3, k: 3 })
    await lab.close()
  })

  it('is checked with the graph around it, and finds nothing in a good one', () => {
    expect(problems(writeNested())).toEqual([])
  })

  it('has its own mistakes told in its own file', () => {
    const file = writeNested({ processes: { first: { id: 'first', component: 'DistributdLogger' } } })
    expect(problems(file)).toContain('twice.graph.json ACTOR_UNKNOWN /processes/first/component')
  })

  it('has the mistakes of its use told where it is used', () => {
    const file = writeNested({ inports: {} })
    expect(problems(file)).toContain('outer.graph.json PORT_UNKNOWN /connections/0/to/portId')
    const gone = writeNested()
    rmSync(path.join(folder, 'parts/twice.graph.json'))
    expect(problems(gone)).toContain('outer.graph.json FILE_NOT_FOUND /processes/sub/component')
  })

  it('is refused when it contains itself', () => {
    const file = writeNested({
      processes: { first: { id: 'first', component: '../outer.graph.json' } },
      connections: [],
    })
    expect(() => new LabSource(file, { catalogue: [], env: {} })).toThrow('contain itself')
  })

  it('has to be trusted where it lies', () => {
    expect(new LabSource(writeNested(), { catalogue: [], env: {} }).folders).toEqual([
      folder,
      path.join(folder, 'parts'),
    ])
  })
})
