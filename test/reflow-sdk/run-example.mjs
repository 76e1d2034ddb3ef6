// Runs a graph of the examples in Reflow's SDK, each node with the behaviour that its actor has in Millrace. In: {graph, actors,
// expected}; `actors` is a CommonJS file that exports the actors as a list. Out: what the nodes log, a line each, ended by an empty
// line after `expected` of them. Initial messages go in by `addInitial`: `fromGraph` would deliver them twice.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)
const { ReflowActor, ReflowNetwork } = load('@offbit-ai/reflow-linux-x64-gnu')
const { graph, actors, expected } = JSON.parse(readFileSync(0, 'utf8'))
const network = new ReflowNetwork()
const tag = (data) => {
  if (Array.isArray(data)) return { type: 'Array', data }
  if (typeof data === 'object') return { type: 'Object', data }
  if (typeof data === 'string') return { type: 'String', data }
  return { type: Number.isInteger(data) ? 'Integer' : 'Float', data }
}
let logged = 0
const say = (text) => {
  console.log(text)
  if (++logged === expected) process.exit(0)
}
const log = { debug: say, info: say, warn: say, error: say }
const reject = (reason) => {
  throw new Error(reason)
}
for (const { name, inports = {}, outports = {}, config, state, run } of load(actors).actors) {
  // Each actor is used once in such a graph, so that its state is that of its node.
  const held = state?.()
  const behaviour = async (context) => {
    const inputs = Object.fromEntries(Object.entries(context.inputs).map(([port, { data }]) => [port, data]))
    const given = { ...context.config }
    delete given.position
    const checked = config === undefined ? { value: given } : config['~standard'].validate(given)
    const outputs = (await run({ inputs, config: checked.value, state: held, log, reject })) ?? {}
    context.done(Object.fromEntries(Object.entries(outputs).map(([port, value]) => [port, tag(value)])))
  }
  const ports = { inports: Object.keys(inports), outports: Object.keys(outports) }
  network.registerActor(name, ReflowActor.fromCallback({ component: name, ...ports }, behaviour))
}
for (const { id, component, metadata } of Object.values(graph.processes)) network.addNode(id, component, metadata ?? {})
for (const { from, to, data } of graph.connections) {
  const isInitial = data !== undefined && data !== null
  if (isInitial) network.addInitial(to.nodeId, to.portId, tag(data))
  else network.addConnection(from.nodeId, from.portId, to.nodeId, to.portId)
}
network.start()
