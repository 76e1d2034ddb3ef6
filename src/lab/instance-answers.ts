import { fromTagged, kindOf } from '../shared/index.ts'
import type { ActorSet } from './actor-set.ts'
import type { DistributedNetwork } from './distributed-network.ts'
import type { Requests } from './instance-requests.ts'
import type { InstanceTaps } from './instance-taps.ts'
import type { InstanceTraces } from './traces/instance-traces.ts'
import type { RunningGraph } from './running-graph.ts'
import { showMessage } from './show-message.ts'

/** What requests are answered with. */
export interface Answering {
  network: DistributedNetwork
  taps: InstanceTaps
  traces: InstanceTraces
  graph: RunningGraph
  actors: ActorSet
}

type Answer<Name extends keyof Requests> = (
  answering: Answering,
  input: Requests[Name]['input'],
) => Requests[Name]['output'] | void | Promise<Requests[Name]['output'] | void>

/** How a running instance answers each request. */
export const answers: { readonly [Name in keyof Requests]: Answer<Name> } = {
  async send({ network, traces }, { node, port, message, follow = false }) {
    const send = () => network.local.send(node, port, fromTagged(message), { kind: kindOf(message) })
    if (!follow) {
      await send()
      return {}
    }
    const { sent, traceId } = traces.followSent({ node, port }, send)
    await sent
    return { traceId }
  },
  applyGraph: ({ graph }, input) => graph.apply(input.graph, input.env),
  peek({ network }, { wire, offset = 0, limit = 50 }) {
    const { queued, held, messages } = network.local.wires.peek(wire, { offset, limit })
    return {
      queued,
      held,
      messages: messages.map(({ id, held: isHeld, ...rest }) => ({ id, held: isHeld, ...showMessage(rest) })),
    }
  },
  removeMessage: ({ network }, { wire, message }) => network.local.wires.remove(wire, message),
  replaceMessage: ({ network }, { wire, message, value }) =>
    network.local.wires.replace(wire, message, fromTagged(value)),
  clearWire: ({ network }, { wire }) => ({ removed: network.local.wires.clear(wire) }),
  configureWire: ({ network }, { wire, options }) => network.configureWire(wire, options),
  listBreakpoints: ({ network }) => network.local.wires.breakpoints(),
  setBreakpoint: ({ network }, { wire, conditions }) => network.local.wires.setBreakpoint(wire, conditions),
  clearBreakpoint: ({ network }, { wire }) => ({ released: network.local.wires.clearBreakpoint(wire) }),
  listHeld({ network }, { wire, limit = 50 }) {
    const { queued } = network.local.wires.peek(wire, { limit: 0 })
    const { messages } = network.local.wires.peek(wire, { offset: queued, limit })
    return messages.map(({ id, held, ...rest }) => ({ id, held, ...showMessage(rest) }))
  },
  release: ({ network }, { wire, count }) => ({
    released: network.local.wires.release(wire, count === 'all' ? Infinity : count),
  }),
  pause: ({ network }, { node }) => network.local.control.pause(node),
  resume: ({ network }, { node }) => network.local.control.resume(node),
  step: ({ network }, { node, count }) => network.local.control.step(node, count),
  drain: ({ network }, { node, drainMs }) =>
    node === undefined ? network.local.control.drain(drainMs) : network.local.control.drainNode(node, drainMs),
  restartNode: ({ network }, { node, forget = false }) => network.local.restartNode(node, { forget }),
  async retryDeadLetter({ network }, { sequence }) {
    await network.local.retryDeadLetter(sequence)
  },
  dropDeadLetter: ({ network }, { sequence }) => network.local.dropDeadLetter(sequence),
  dial: ({ network }, { endpoint, ...options }) => network.dial(endpoint, options),
  undial: ({ network }, { endpoint }) => network.disconnectFromNetwork(endpoint),
  redial: ({ network }, { endpoint }) => network.reconnectToNetwork(endpoint),
  changeTokens: ({ network }, { tokens }) => ({ keys: [...network.changeTokens(tokens)] }),
  changePeerTokens: ({ network }, { endpoint, ...tokens }) => network.changePeerTokens(endpoint, tokens),
  disturb: ({ network }, { endpoint, disturbance }) => network.disturbLink(endpoint, disturbance),
  ping: ({ network }, { networkId }) => network.pingNetwork(networkId),
  async discover({ network }, filter) {
    const found = await network.discoverNetworks(filter)
    return found.map((entry) => ({ ...entry, capabilities: [...entry.capabilities], tags: [...entry.tags] }))
  },
  async directory({ network }, { networkId }) {
    const nodes = await network.discoverActors(networkId)
    return nodes.map((node) => ({ ...node, inports: [...node.inports], outports: [...node.outports] }))
  },
  openTap: ({ taps }, { tap, wire, perSecond }) => taps.open(tap, wire, perSecond),
  closeTap: ({ taps }, { tap }) => taps.close(tap),
  followMessages: ({ traces }, { following }) => traces.follow(following),
  followNext: ({ traces }, { place, withinMs }) => traces.followNext(place, withinMs),
  reloadActors: ({ network, actors }, { bundle }) => actors.load(bundle, network.local),
}

/** Answers one request. Throws what stands in its way. */
export async function answerRequest<Name extends keyof Requests>(
  answering: Answering,
  { name, input }: { name: Name; input: Requests[Name]['input'] },
): Promise<unknown> {
  return await answers[name](answering, input)
}
