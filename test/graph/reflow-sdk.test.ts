import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { builtInActors } from '../../src/actors/index.ts'
import {
  composeWorkspace,
  diffGraphs,
  formatFile,
  GraphDocument,
  initialsOf,
  nodesOf,
  parseGraph,
  wiresOf,
} from '../../src/graph/index.ts'
import { defineActor, Network } from '../../src/runtime/index.ts'
import type { GraphExport } from '../../src/shared/index.ts'
import { behaviours } from '../reflow-sdk/behaviours.mjs'
import { nodePlatform } from '../../src/lab/node-platform.ts'
import { anyGraph } from './edit/arbitraries.ts'
import { graph } from './fixtures.ts'

const folder = path.resolve('test/reflow-sdk')
const sdk = sdkAt(path.join(folder, 'package.json'))
// The SDK exists for Linux on x64 with glibc alone; npm leaves it out elsewhere.
const where = sdk === undefined ? ' (skipped: Reflow’s SDK is not for this platform)' : ''

function sdkAt(from: string): string | undefined {
  try {
    return createRequire(from).resolve('@offbit-ai/reflow-linux-x64-gnu')
  } catch {
    return undefined
  }
}

function inReflow(script: string, input: string): string[] {
  const { stdout, status, signal, stderr } = spawnSync(process.execPath, [path.join(folder, script)], {
    input,
    encoding: 'utf8',
    timeout: 30_000,
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(`Reflow's SDK ended with ${signal ?? String(status)}: ${stderr.slice(-500)}`)
  return stdout.split('\n').filter(Boolean)
}

/** What Reflow makes of graphs when it loads them and writes them again. */
function throughReflow(graphs: Record<string, GraphExport>): Record<string, GraphExport> {
  const lines = Object.entries(graphs).map(([name, value]) => JSON.stringify({ name, graph: value }))
  const answers = inReflow('load-graphs.mjs', lines.join('\n')).map(
    (line) => JSON.parse(line) as { name: string; graph?: GraphExport; error?: string },
  )
  expect(answers.filter(({ error }) => error !== undefined)).toEqual([])
  return Object.fromEntries(answers.flatMap(({ name, graph: value }) => (value ? [[name, value]] : [])))
}

/** What Reflow keeps of a graph: it knows a fixed set of fields, and of the ends of a wire only node and port. */
function knownToReflow(made: GraphExport): GraphExport {
  const { caseSensitive, properties, processes = {}, connections = [], inports, outports, groups = [] } = made
  return {
    caseSensitive,
    properties,
    processes: Object.fromEntries(
      Object.entries(processes).map(([id, { component, metadata }]) => [
        id,
        { id, component, metadata: metadata ?? {} },
      ]),
    ),
    connections,
    ...(inports && { inports }),
    ...(outports && { outports }),
    groups,
  }
}

const examples = Object.fromEntries(
  readdirSync('resources/examples', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.graph.json'))
    .map((file) => [file, parseGraph(readFileSync(path.join('resources/examples', file), 'utf8'), file)]),
)

describe.skipIf(sdk === undefined)(`Reflow's own SDK${where}`, () => {
  it('loads every graph of the examples, and what it writes means the same', () => {
    const read = throughReflow(examples)
    expect(Object.keys(read).sort()).toEqual(Object.keys(examples).sort())
    for (const [file, value] of Object.entries(read)) {
      const again = parseGraph(JSON.stringify(value), file)
      expect([file, diffGraphs(knownToReflow(examples[file] ?? again), again)]).toEqual([file, []])
    }
  })

  it('loads whatever an edit can make, and we read what it writes', () => {
    // One process for all of them: each takes half a second to start.
    const graphs = Object.fromEntries(
      fc.sample(anyGraph, { numRuns: 60, seed: 1 }).map((made, index) => [`g${index}`, made] as const),
    )
    for (const [name, value] of Object.entries(throughReflow(graphs))) {
      const again = parseGraph(JSON.stringify(value), name)
      expect([
        name,
        nodesOf(again)
          .map(({ id }) => id)
          .sort(),
      ]).toEqual([
        name,
        nodesOf(graphs[name] ?? again)
          .map(({ id }) => id)
          .sort(),
      ])
      expect(wiresOf(again).length).toBe(wiresOf(graphs[name] ?? again).length)
    }
  })

  it.each([
    ['that was made here', madeHere],
    ['that was composed of a workspace', composed],
  ])('runs a graph %s with the same results', async (_, make) => {
    const made = make()
    const results = await runHere(made, 12)
    const others = inReflow('run-graph.mjs', JSON.stringify({ graph: made, expected: 12 }))
    // Two ways lead to the sink, so only the order on each of them is given.
    const sorted = (lines: string[]) => lines.map((line) => JSON.stringify(sortKeys(JSON.parse(line)))).sort()
    expect(sorted(others)).toEqual(sorted(results))
    expect(results).toHaveLength(12)
  })

  it('runs an example with the initial messages of its file, and the same comes out', async () => {
    const [file, example] = Object.entries(examples).find(([name]) => name.endsWith('initial.graph.json')) ?? []
    if (example === undefined) throw new Error(`no example of initial messages: ${file}`)
    expect(initialsOf(example)).toHaveLength(5)
    const here = await logHere(example, 3)
    const actors = await bundleActors(['json-parse', 'filter', 'map', 'debug'])
    const there = inReflow('run-example.mjs', JSON.stringify({ graph: example, actors, expected: 3 }))
    expect(there).toEqual(here)
    expect(here[0]).toBe('#1 object {"city":"Cádiz","fahrenheit":82.4}')
  })
})

const node = (id: string, component: string, metadata = {}) => ({ type: 'addNode', id, component, metadata }) as const
const join = (from: string, port: string, to: string) =>
  ({ type: 'connect', from: { node: from, port }, to: { node: to, port: 'Input' } }) as const

/** Twelve numbers that part on two ways and come together again. */
function madeHere(): GraphExport {
  const document = GraphDocument.of(graph({}))
  document.edit([
    node('split', 'Split'),
    node('double', 'Scale', { factor: 2 }),
    node('half', 'Scale', { factor: 0.5 }),
    node('even', 'Describe', { word: 'even' }),
    node('odd', 'Describe', { word: 'odd' }),
    node('sink', 'Sink'),
    join('split', 'Even', 'double'),
    join('split', 'Odd', 'half'),
    join('double', 'Output', 'even'),
    join('half', 'Output', 'odd'),
    join('even', 'Output', 'sink'),
    join('odd', 'Output', 'sink'),
  ])
  for (let value = 0; value < 12; value++)
    document.edit({ type: 'addInitial', to: { node: 'split', port: 'Input' }, message: { data: value } })
  return parseGraph(document.text(), 'made here')
}

/** The same work in two graphs, the first wired to the second from outside. */
function composed(): GraphExport {
  const first = GraphDocument.of(graph({}, [], { name: 'first' }))
  first.edit([node('split', 'Split'), node('double', 'Scale', { factor: 2 }), join('split', 'Even', 'double')])
  for (let value = 0; value < 24; value++)
    first.edit({ type: 'addInitial', to: { node: 'split', port: 'Input' }, message: { data: value } })
  const second = GraphDocument.of(graph({}, [], { name: 'second' }))
  second.edit([node('even', 'Describe', { word: 'even' }), node('sink', 'Sink'), join('even', 'Output', 'sink')])
  const [fromProcess, fromPort, toProcess, toPort] = ['double', 'Output', 'even', 'Input']
  const outwards = [{ targetGraph: 'second', fromProcess, fromPort, toProcess, toPort }]
  const files = [
    { file: 'first.graph.json', graph: { ...first.graph, externalConnections: outwards } },
    { file: 'second.graph.json', graph: second.graph },
  ]
  const { graph: whole, findings } = composeWorkspace(files, { name: 'whole' })
  expect(findings).toEqual([])
  expect(nodesOf(whole)).toHaveLength(4)
  return parseGraph(formatFile(whole), 'composed')
}

let network: Network | undefined
let folderOfActors: string | undefined
afterAll(async () => {
  await network?.stop({ drainMs: 0 })
  if (folderOfActors !== undefined) rmSync(folderOfActors, { recursive: true })
})

/** Puts the actors of a graph into a file that a process without our tools can load. */
async function bundleActors(files: readonly string[]): Promise<string> {
  folderOfActors = mkdtempSync(path.join(tmpdir(), 'millrace-actors-'))
  const outfile = path.join(folderOfActors, 'actors.cjs')
  const lines = files.map((file, index) => `import * as module${index} from './src/actors/${file}.ts'`)
  const all = files.map((_, index) => `...Object.values(module${index})`).join(', ')
  await build({
    stdin: { contents: `${lines.join('\n')}\nexport const actors = [${all}]`, resolveDir: '.' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    logLevel: 'error',
  })
  return outfile
}

/** Runs a graph of the built-in actors until so many lines have been logged; gives the lines. */
async function logHere(made: GraphExport, expected: number): Promise<string[]> {
  const lines: string[] = []
  let finish = () => {}
  const done = new Promise<void>((resolve) => (finish = resolve))
  const running = new Network({
    platform: nodePlatform,
    log: ({ text }) => {
      lines.push(text)
      if (lines.length === expected) finish()
    },
  })
  network = running
  for (const actor of builtInActors) running.register(actor)
  for (const { id, component, metadata } of nodesOf(made)) running.addNode(id, component, { metadata })
  for (const { from, to } of wiresOf(made)) running.addWire(from, to)
  for (const { to, value } of initialsOf(made)) running.addInitial(to, value)
  await running.start()
  await done
  return lines
}

/** Runs a graph in our own runtime until its sink has had so many messages; gives them as JSON. */
async function runHere(made: GraphExport, expected: number): Promise<string[]> {
  const results: string[] = []
  const running = new Network({ platform: nodePlatform })
  network = running
  const done = new Promise<void>((resolve) => {
    running.register(
      defineActor({
        name: 'Sink',
        inports: { Input: {} },
        run: ({ inputs }) => {
          results.push(JSON.stringify(inputs.Input))
          if (results.length === expected) resolve()
        },
      }),
    )
  })
  for (const [name, { inports, outports, run }] of Object.entries(behaviours)) {
    const ports = (names: readonly string[]) => Object.fromEntries(names.map((port) => [port, {}]))
    running.register(
      defineActor({
        name,
        inports: ports(inports),
        outports: ports(outports),
        run: ({ inputs, config }) => run(inputs, config),
      }),
    )
  }
  for (const { id, component, metadata } of nodesOf(made)) running.addNode(id, component, { metadata })
  for (const { from, to } of wiresOf(made)) running.addWire(from, to)
  for (const { to, value } of initialsOf(made)) running.addInitial(to, value)
  await running.start()
  await done
  return results
}

function sortKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}
