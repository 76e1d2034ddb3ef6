import type { ExportedNode, Exports, MessageSink, OutboundChannel, PeerName } from '../peer/index.ts'
import type { ActorDefinition, Network, Ports } from '../runtime/index.ts'
import { MillraceError } from '../shared/index.ts'
import { egressActor } from './remote-node.ts'

/** What peers may see of a network, send to and subscribe to: the nodes that were exported, and no others. */
export class NetworkExports implements Exports {
  readonly #network: Network
  readonly #nodes = new Map<string, ActorDefinition>()
  #lastEgress = 0

  constructor(network: Network) {
    this.#network = network
  }

  /** Lets peers reach a node. */
  add(node: string, actor: ActorDefinition): void {
    this.#nodes.set(node, actor)
  }

  /** Hides a node again; channels that are open stay until they close. */
  remove(node: string): void {
    this.#nodes.delete(node)
  }

  directory(): ExportedNode[] {
    return [...this.#nodes].map(([id, actor]) => ({
      id,
      component: actor.name,
      inports: portsOf(actor.inports),
      outports: portsOf(actor.outports),
    }))
  }

  openInport(_peer: PeerName, node: string, port: string): MessageSink {
    const actor = this.#exported(node)
    if (!(port in actor.inports)) throw unknownPort(node, port, 'inport', actor.inports)
    return { deliver: (value) => this.#network.send(node, port, value) }
  }

  openOutport(peer: PeerName, node: string, port: string, channel: OutboundChannel): () => void {
    const actor = this.#exported(node)
    if (!(port in actor.outports)) throw unknownPort(node, port, 'outport', actor.outports)
    const subscriber = `${peer.networkId}/${peer.instanceId}`
    const id = this.#egressId(`${node}.${port} → ${subscriber}`)
    this.#network.addNode(id, egressActor(`→ ${subscriber}`, channel), { role: 'egress' })
    this.#network.addWire({ node, port }, { node: id, port: 'Input' })
    return () => void this.#network.removeNode(id)
  }

  /** A peer that comes back may subscribe anew before its old subscription is known to be dead. */
  #egressId(wanted: string): string {
    const isTaken = this.#network.snapshot().nodes.some((node) => node.id === wanted)
    return isTaken ? `${wanted} (${++this.#lastEgress})` : wanted
  }

  #exported(node: string): ActorDefinition {
    const actor = this.#nodes.get(node)
    if (actor !== undefined) return actor
    throw new MillraceError(
      'NOT_EXPORTED',
      `node "${node}" is not exported here; list it under "exports" of its instance`,
    )
  }
}

function portsOf(ports: Ports): ExportedNode['inports'] {
  return Object.entries(ports).map(([name, { kind }]) => ({ name, kind: kind ?? 'any' }))
}

function unknownPort(node: string, port: string, side: string, ports: Ports): MillraceError {
  const known = Object.keys(ports).join(', ') || 'none'
  return new MillraceError('PORT_UNKNOWN', `node "${node}" has no ${side} "${port}"; it has ${known}`)
}
