// Runs a graph in Reflow's SDK with the behaviours beside this file. In: {graph, expected}. Out: a line for each message that the
// node "sink" gets; ends after `expected` of them. Nodes, wires and initial messages are added one by one: `fromGraph` would
// deliver initial messages twice.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { behaviours } from './behaviours.mjs'

const { ReflowActor, ReflowNetwork } = createRequire(import.meta.url)('@offbit-ai/reflow-linux-x64-gnu')
const { graph, expected } = JSON.parse(readFileSync(0, 'utf8'))
const network = new ReflowNetwork()
const tag = (data) => {
  if (Array.isArray(data)) return { type: 'Array', data }
  if (typeof data === 'object') return { type: 'Object', data }
  if (typeof data === 'string') return { type: 'String', data }
  return { type: Number.isInteger(data) ? 'Integer' : 'Float', data }
}
let taken = 0
network.registerActor(
  'Sink',
  ReflowActor.fromCallback({ component: 'Sink', inports: ['Input'], outports: [] }, (context) => {
    console.log(JSON.stringify(context.inputs.Input.data))
    context.done()
    if (++taken === expected) process.exit(0)
  }),
)
for (const [component, { inports, outports, run }] of Object.entries(behaviours)) {
  const behaviour = (context) => {
    const inputs = Object.fromEntries(Object.entries(context.inputs).map(([port, message]) => [port, message.data]))
    const outputs = run(inputs, context.config)
    context.done(Object.fromEntries(Object.entries(outputs).map(([port, value]) => [port, tag(value)])))
  }
  network.registerActor(component, ReflowActor.fromCallback({ component, inports, outports }, behaviour))
}
for (const { id, component, metadata } of Object.values(graph.processes)) network.addNode(id, component, metadata ?? {})
for (const { from, to, data } of graph.connections) {
  const isInitial = data !== undefined && data !== null
  if (isInitial) network.addInitial(to.nodeId, to.portId, tag(data))
  else network.addConnection(from.nodeId, from.portId, to.nodeId, to.portId)
}
network.start()
