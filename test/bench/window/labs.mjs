import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const edge = (nodeId, portId) => ({ nodeId, portId, portName: '', expose: false, portType: { type: 'any' } })
const wire = (from, to) => ({ from: edge(from, 'Output'), to: edge(to, 'Input') })
const node = (id, component, metadata = {}) => [id, { id, component, metadata }]

/** The actors that the labs of this bench need, as a lab's own. */
const actors = `
import { writeFileSync } from 'node:fs'
import { defineActor } from 'millrace'
import * as v from 'valibot'

const whole = (otherwise) => v.optional(v.number(), otherwise)

/** Once it gets a message: so many a second for so long, half a second of silence, then a last one. */
export const firehose = defineActor({
  name: 'Firehose',
  inports: { Go: {} },
  outports: { Output: { capacity: 100_000 } },
  config: v.object({ perSecond: whole(50_000), seconds: whole(10) }),
  async run({ config: { perSecond, seconds }, out, signal }) {
    const total = perSecond * seconds
    const startMs = performance.now()
    for (let sent = 0; sent < total && !signal.aborted; ) {
      const due = Math.min(total, Math.ceil(((performance.now() - startMs) / 1000) * perSecond))
      for (; sent < due - 1; sent++) out.Output.send({ number: sent, text: 'a message of a busy wire' })
      if (sent < due) await out.Output.send({ number: sent++, text: 'a message of a busy wire' })
      await new Promise((resolve) => setTimeout(resolve, 4))
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
    await out.Output.send('last')
  },
})
export const sink = defineActor({ name: 'Sink', inports: { Input: { capacity: 100_000 } }, run: () => undefined })
export const pass = defineActor({
  name: 'Pass', inports: { Input: {} }, outports: { Output: {} },
  state: () => ({ count: 0 }),
  // Every other one: each has two wires in and two out, and so passes on as much as it gets.
  run: ({ inputs, state }) => (state.count++ % 2 === 0 ? { Output: inputs.Input } : undefined),
})
export const talker = defineActor({
  name: 'Talker',
  config: v.object({ lines: whole(200_000) }),
  start({ config: { lines }, log, signal }) {
    let said = 0
    const talk = () => {
      for (let count = 0; count < 500 && said < lines; count++)
        log.info('line ' + said + ' of request ' + (said++ * 7919) % 100_003 + ' took ' + (said % 97) + ' ms')
      if (said < lines && !signal.aborted) setTimeout(talk, 50)
    }
    setTimeout(talk, 1_000)
  },
})
export const crasher = defineActor({
  name: 'Crasher', inports: { Input: {} },
  config: v.object({ note: v.string() }),
  run({ config: { note } }) {
    setTimeout(() => {
      writeFileSync(note, String(Date.now()))
      throw new Error('it was told to crash')
    })
  },
})
`

/** Writes the labs into a folder; answers their files. */
export function writeLabs(folder, { firehoseSeconds, perSecond, nodes, lines }) {
  mkdirSync(path.join(folder, 'actors'), { recursive: true })
  writeFileSync(path.join(folder, 'actors/bench.js'), actors)
  const write = (name, processes, connections, isolation = 'thread') => {
    const graph = { caseSensitive: true, properties: { name }, processes: Object.fromEntries(processes), connections }
    writeFileSync(path.join(folder, `${name}.graph.json`), JSON.stringify(graph))
    const instance = { networkId: name, instanceId: '1', bindPort: 0, graph: `${name}.graph.json`, isolation }
    const file = path.join(folder, `${name}.lab.json`)
    writeFileSync(file, JSON.stringify({ millrace: 1, name, actors: './actors', instances: [instance] }))
    return file
  }
  return {
    firehose: write(
      'firehose',
      [node('source', 'Firehose', { perSecond, seconds: firehoseSeconds }), node('sink', 'Sink')],
      [wire('source', 'sink')],
    ),
    large: write('large', ...largeGraph(nodes)),
    talker: write('talker', [node('talker', 'Talker', { lines })], []),
    crasher: write('crasher', [node('crasher', 'Crasher', { note: path.join(folder, 'crashed-at') })], []),
    ticking: write(
      'ticking',
      [node('first', 'Interval', { intervalMs: 1_000, value: 'count' }), node('second', 'Sink')],
      [wire('first', 'second')],
    ),
    idle: write('idle', [node('first', 'Pass'), node('second', 'Sink')], [wire('first', 'second')]),
  }
}

/** Layers of ten nodes; each node sends to two of the next layer, so there are about twice as many wires as nodes. */
function largeGraph(count) {
  const width = 10
  const at = (place) => ({ position: { x: Math.floor(place / width) * 260, y: (place % width) * 110 } })
  const name = (place) => `node_${place}`
  const processes = Array.from({ length: count }, (_, place) =>
    place < width
      ? node(name(place), 'Interval', { intervalMs: 500, value: 'count', ...at(place) })
      : node(name(place), place >= count - width ? 'Sink' : 'Pass', at(place)),
  )
  const connections = Array.from({ length: count - width }, (_, place) => {
    const row = place % width
    const next = (Math.floor(place / width) + 1) * width
    return [wire(name(place), name(next + row)), wire(name(place), name(next + ((row + 1) % width)))]
  }).flat()
  return [processes, connections]
}
