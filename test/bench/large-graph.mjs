/**
 * Measures what a person waits for with a graph of 5,000 nodes and 10,000 wires, mostly local stages: reading, checking,
 * diffing, analysing, and laying out in a thread. Prints the median of several runs; asserts nothing.
 * Usage: node test/bench/large-graph.mjs [nodes] [wires]
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const [nodeCount = 5_000, wireCount = 10_000] = process.argv.slice(2).map(Number)
const root = path.resolve(import.meta.dirname, '../..')
// Inside the repository, so that packages are found.
mkdirSync(path.join(root, 'out'), { recursive: true })
const folder = mkdtempSync(path.join(root, 'out/large-graph-'))
await build({
  stdin: {
    contents: `export * from './src/graph/index.ts'\nexport { layoutGraph } from './src/lab/layout.ts'`,
    resolveDir: root,
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  outfile: path.join(folder, 'code.mjs'),
  logLevel: 'error',
})
const code = await import(pathToFileURL(path.join(folder, 'code.mjs')).href)

const catalogue = [
  {
    name: 'Start',
    description: '',
    selfStarting: true,
    inports: {},
    outports: { Out: { kind: 'object' } },
    config: {},
  },
  {
    name: 'Stage',
    description: '',
    inports: { In: { kind: 'object' } },
    outports: { Out: { kind: 'object' } },
    config: { type: 'object', properties: { gain: { type: 'number' }, name: { type: 'string' } } },
  },
]
const graph = stagedGraph(nodeCount, wireCount)
const text = code.formatFile ? code.formatFile(graph) : JSON.stringify(graph, undefined, 2)
console.log(`${nodeCount} nodes, ${graph.connections.length} wires, ${(text.length / 1e6).toFixed(1)} MB of text`)
measure('read', 9, () => code.readGraph(text))
const read = code.readGraph(text).value
let findings
measure('check (with the text, for lines)', 9, () => (findings = code.checkGraph(read, text, catalogue)))
console.log(`  ${findings.length} findings`)
if (code.analyseGraph) measure('analyse', 9, () => code.analyseGraph(read, catalogue))
if (code.diffGraphs) measure('diff', 9, () => code.diffGraphs(read, code.readGraph(text).value))

const told = []
const begun = performance.now()
let worstLag = 0
let last = performance.now()
const lag = setInterval(() => {
  worstLag = Math.max(worstLag, performance.now() - last - 20)
  last = performance.now()
}, 20)
const { positions, elapsedMs } = await code.layoutGraph(
  { graph: read, catalogue, keep: 'nothing' },
  { onElapsed: (ms) => told.push(ms) },
)
console.log(
  `layout: ${(elapsedMs / 1_000).toFixed(1)} s, elapsed time told ${told.length} times, ${Object.keys(positions).length} places`,
)
console.log(`  worst delay of this thread meanwhile: ${worstLag.toFixed(0)} ms`)
const cancel = new AbortController()
setTimeout(() => cancel.abort(), 1_000)
const cancelBegun = performance.now()
await code
  .layoutGraph({ graph: read, catalogue, keep: 'nothing' }, { signal: cancel.signal })
  .catch((error) =>
    console.log(
      `  cancelled after 1 s: ${error.code} ${(performance.now() - cancelBegun - 1_000).toFixed(0)} ms later`,
    ),
  )
clearInterval(lag)
rmSync(folder, { recursive: true })
console.log(`whole: ${((performance.now() - begun) / 1_000).toFixed(1)} s`)

function measure(name, runs, work) {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  }).sort((one, other) => one - other)
  console.log(
    `${name}: median ${times[runs >> 1].toFixed(0)} ms (${times[0].toFixed(0)}…${times.at(-1).toFixed(0)}, ${runs} runs)`,
  )
}

/** Stages of 20 nodes, each wired at random to the next stage; one wire in fifty skips up to four stages. */
function stagedGraph(nodes, wires) {
  let seed = 7
  const random = (below) => {
    seed = (seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
  const perStage = 20
  const edge = (nodeId, portId) => ({ nodeId, portId, portName: '', expose: false, portType: { type: 'any' } })
  const processes = Object.fromEntries(
    Array.from({ length: nodes }, (_, number) => {
      const id = `stage${Math.floor(number / perStage)}_node${number}`
      return [
        id,
        {
          id,
          component: number < perStage ? 'Start' : 'Stage',
          metadata: number < perStage ? {} : { gain: number, name: id },
        },
      ]
    }),
  )
  const ids = Object.keys(processes)
  const seen = new Set()
  const connections = []
  while (connections.length < wires) {
    const from = random(nodes - perStage)
    const ahead = 1 + (random(50) === 0 ? random(4) : 0)
    const to = Math.min(nodes - 1, (Math.floor(from / perStage) + ahead) * perStage + random(perStage))
    const pair = from * nodes + to
    if (seen.has(pair)) continue
    seen.add(pair)
    connections.push({ from: edge(ids[from], 'Out'), to: edge(ids[to], 'In'), metadata: {} })
  }
  return { caseSensitive: true, properties: { name: 'large' }, processes, connections }
}
