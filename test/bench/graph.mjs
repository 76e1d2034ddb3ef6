// Measures reading, checking, comparing, merging, writing and editing a graph of 5,000 nodes and 10,000 wires.
// Run: node test/bench/graph.mjs. Prints the median and the worst of 9 rounds after 2 that do not count, in milliseconds.
import { build } from 'esbuild'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const nodeCount = 5_000
const wireCount = 10_000
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-'))
const outfile = path.join(folder, 'graph.mjs')
await build({
  entryPoints: ['src/graph/index.ts'],
  bundle: true,
  format: 'esm',
  platform: 'node',
  mainFields: ['module', 'main'],
  outfile,
  // A part of the .fbp parser that is never called asks for it.
  external: ['tv4'],
  logLevel: 'error',
})
const graph = await import(pathToFileURL(outfile).href)
rmSync(folder, { recursive: true })

const edge = (nodeId, portId) => ({ nodeId, portId, portName: '', expose: false, portType: { type: 'any' } })
const id = (index) => `node_${index % nodeCount}`
const processes = Object.fromEntries(
  Array.from({ length: nodeCount }, (_, index) => [
    id(index),
    { id: id(index), component: 'Step', metadata: { scale: index, position: { x: (index % 100) * 220, y: index } } },
  ]),
)
const wire = (from, to) => ({ from: edge(id(from), 'Output'), to: edge(id(to), 'Input'), metadata: {} })
const steps = [1, 7, 13]
const ahead = steps.flatMap((step) => Array.from({ length: nodeCount - step }, (_, index) => wire(index, index + step)))
const start = { from: edge('', ''), to: edge(id(0), 'Input'), data: true }
const connections = [...ahead.slice(0, wireCount), start]
// A graph in which every node is found fault with: nothing starts it, and it goes round.
const circular = {
  caseSensitive: true,
  properties: { name: 'round' },
  processes,
  connections: [...ahead.slice(0, wireCount - 1), wire(nodeCount - 1, 0)],
}
const value = { caseSensitive: true, properties: { name: 'large' }, processes, connections }
const ports = { kind: 'any' }
const config = { type: 'object', properties: { scale: { type: 'number' } } }
const catalogue = [{ name: 'Step', description: '', inports: { Input: ports }, outports: { Output: ports }, config }]
const text = graph.formatFile(value)
const parsed = graph.parseGraph(text, 'large')
const circularText = graph.formatFile(circular)
const changed = graph.applyCommands(
  parsed,
  Array.from({ length: 500 }, (_, index) => ({ type: 'setConfig', id: id(index * 10), config: { scale: -1 } })),
).graph
const others = graph.applyCommands(parsed, [{ type: 'removeNode', id: id(4_999) }]).graph
const copy = JSON.parse(JSON.stringify(changed))

const measures = {
  read: () => graph.parseGraph(text, 'large'),
  check: () => graph.checkGraph(parsed, text, catalogue),
  'check (5,000 findings)': () => graph.checkGraph(circular, circularText, catalogue),
  'diff (two files)': () => graph.diffGraphs(parsed, copy),
  'diff (draft and running)': () => graph.diffGraphs(parsed, changed),
  merge: () => graph.mergeGraphs(parsed, changed, others),
  'write (500 nodes changed)': () => graph.rewriteJson(text, parsed, changed),
}
const edits = {
  'edit: add node': (round) => ({ type: 'addNode', id: `new_${round}`, component: 'Step' }),
  'edit: move node': (round) => ({ type: 'moveNode', id: id(round), position: { x: round, y: 1 } }),
  'edit: configure': (round) => ({ type: 'setConfig', id: id(round), config: { scale: round + 0.5 } }),
  'edit: connect': (round) => ({
    type: 'connect',
    from: { node: id(round), port: 'Output' },
    to: { node: id(round + 2_000), port: 'Input' },
  }),
  'edit: rename node': (round) => ({ type: 'renameNode', id: id(round), to: `renamed_${round}` }),
  'edit: remove node': (round) => ({ type: 'removeNode', id: id(4_000 + round) }),
}
const row = (name, times) => {
  const sorted = [...times].sort((one, other) => one - other)
  const [median, worst] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  console.log(`${name.padEnd(28)} ${median.toFixed(2).padStart(9)} ${worst.toFixed(2).padStart(9)}`)
}
const timed = (work) => {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}
console.log(`${nodeCount} nodes, ${wireCount} wires, ${(text.length / 1e6).toFixed(1)} MB, Node ${process.version}`)
console.log(`${'ms'.padEnd(28)} ${'median'.padStart(9)} ${'worst'.padStart(9)}`)
for (const [name, work] of Object.entries(measures)) row(name, Array.from({ length: 11 }, () => timed(work)).slice(2))
for (const [name, command] of Object.entries(edits)) {
  const document = new graph.GraphDocument(text, 'large')
  row(name, Array.from({ length: 52 }, (_, round) => timed(() => document.edit(command(round)))).slice(2))
  if (name === 'edit: remove node')
    row(
      'undo of it',
      Array.from({ length: 50 }, () => timed(() => document.undo())),
    )
}
