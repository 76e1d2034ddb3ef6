import { initialsOf, nodesOf, wiresOf } from '../graph/index.ts'
import { MillraceError } from '../shared/index.ts'
import type { ActorSet } from './actor-set.ts'
import type { DistributedLogLine } from './distributed-config.ts'
import { DistributedNetwork } from './distributed-network.ts'
import type { InstanceSpec } from './instance-spec.ts'
import { remoteTargetOf } from './remote-target.ts'
import { RunningGraph } from './running-graph.ts'

/** Builds the network of an instance from its spec: nodes, remote nodes, wires, initial messages, exports. Nothing runs yet. */
export function networkOf(
  spec: InstanceSpec,
  actors: ActorSet,
  log: (line: DistributedLogLine) => void,
): DistributedNetwork {
  const network = new DistributedNetwork({ ...spec, log, facts: () => actors.figures() })
  const exported = new Set(spec.exports)
  const wires = wiresOf(spec.graph)
  for (const node of nodesOf(spec.graph)) {
    if (node.remote !== undefined) {
      const inports = wires.filter(({ to }) => to.node === node.id).map(({ to }) => to.port)
      const outports = wires.filter(({ from }) => from.node === node.id).map(({ from }) => from.port)
      network.addRemoteNode(node.id, remoteTargetOf(node.id, node.remote, node.metadata), { inports, outports })
      continue
    }
    network.registerLocalActor(node.id, actors.get(node.component, node.id), node.metadata, {
      exported: exported.delete(node.id),
    })
  }
  for (const missing of exported)
    throw new MillraceError('NODE_UNKNOWN', `"exports" names "${missing}", which is not a node of ${spec.graphFile}`)
  for (const { from, to, options } of wires) network.connect(from, to, options)
  for (const { to, value } of initialsOf(spec.graph)) network.local.addInitial(to, value)
  return network
}

/** Joins a network to the graph that it was built of, so that it can be taken to another one. */
export function runningGraph(
  spec: InstanceSpec,
  network: DistributedNetwork,
  actors: ActorSet,
  log: (text: string) => void,
): RunningGraph {
  return new RunningGraph({ network, spec, actorOf: (component, node) => actors.get(component, node), log })
}
