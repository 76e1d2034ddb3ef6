import {
  MessageOfKind,
  withoutKind,
  type ExportedNode,
  type Exports,
  type MessageSink,
  type OutboundChannel,
  type PeerName,
} from '../peer/index.ts'
import type { ActorDefinition, Network, Ports } from '../runtime/index.ts'
import { isMillraceError, MillraceError, type MessageKind, type WireEnd } from '../shared/index.ts'
import { egressActor } from './remote-node.ts'
import type { TraceScope } from './traces/trace-scope.ts'

const never = new Promise<void>(() => undefined)

/** What peers may see of a network, send to and subscribe to: the nodes that were exported, and no others. */
export class NetworkExports implements Exports {
  readonly #network: Network
  readonly #scope: TraceScope
  readonly #nodes = new Map<string, { readonly actor: ActorDefinition; readonly shown: ExportedNode }>()
  readonly #watchers = new Set<() => void>()
  /** The ways out that peers opened, by the id of the node that stands at their end. */
  readonly #egresses = new Map<string, { from: string; channel: OutboundChannel }>()
  #lastEgress = 0

  constructor(network: Network, scope: TraceScope) {
    this.#network = network
    this.#scope = scope
  }

  /** Lets peers reach a node. */
  add(node: string, actor: ActorDefinition): void {
    const { name: component, inports, outports } = actor
    const shown = { id: node, component, inports: portsOf(inports), outports: portsOf(outports) }
    this.#nodes.set(node, { actor, shown })
    this.#changed()
  }

  /** Hides a node again and ends what peers subscribed to; they try again, and find it if it comes back. */
  remove(node: string): void {
    if (!this.#nodes.delete(node)) return
    for (const [id, { from, channel }] of this.#egresses) {
      if (from !== node) continue
      this.#close(id)
      channel.close()
    }
    this.#changed()
  }

  directory(): ExportedNode[] {
    return Array.from(this.#nodes.values(), ({ shown }) => shown)
  }

  whenChanged(changed: () => void): () => void {
    this.#watchers.add(changed)
    return () => void this.#watchers.delete(changed)
  }

  openInport(peer: PeerName, node: string, port: string): MessageSink {
    const actor = this.#exported(node)
    if (!Object.hasOwn(actor.inports, port)) throw unknownPort(node, port, 'inport', actor.inports)
    const source = `${peer.networkId}/${peer.instanceId}`
    const send = this.#network.sender(node, port)
    return this.#scope.incoming({
      deliver: (message) => this.#admit({ node, port }, message, { source, send }),
      untaken: () => this.#network.wires.waitingOutside(node, port),
    })
  }

  openOutport(peer: PeerName, node: string, port: string, channel: OutboundChannel): () => void {
    const actor = this.#exported(node)
    if (!Object.hasOwn(actor.outports, port)) throw unknownPort(node, port, 'outport', actor.outports)
    const subscriber = `${peer.networkId}/${peer.instanceId}`
    const id = this.#egressId(`${node}.${port} → ${subscriber}`)
    this.#network.addNode(id, egressActor(`→ ${subscriber}`, channel, this.#scope), { role: 'egress' })
    this.#network.addWire({ node, port }, { node: id, port: 'Input' })
    this.#egresses.set(id, { from: node, channel })
    return () => this.#close(id)
  }

  #admit(
    to: WireEnd,
    message: unknown,
    { source, send }: { source: string; send: (value: unknown, kind?: MessageKind) => PromiseLike<void> | undefined },
  ): PromiseLike<void> | undefined {
    // A network that stops takes nothing more: left unanswered, such a message is reported by the link as not taken.
    if (this.#network.state === 'draining') return never
    try {
      return message instanceof MessageOfKind ? send(message.value, message.kind) : send(message)
    } catch (error) {
      if (!isMillraceError(error)) throw error
      this.#network.bury(to, withoutKind(message), { code: error.code, reason: error.message, source })
      return undefined
    }
  }

  #changed(): void {
    for (const changed of this.#watchers) changed()
  }

  #close(id: string): void {
    if (this.#egresses.delete(id)) void this.#network.removeNode(id)
  }

  /** A peer that comes back may subscribe anew before its old subscription is known to be dead. */
  #egressId(wanted: string): string {
    return this.#egresses.has(wanted) ? `${wanted} (${++this.#lastEgress})` : wanted
  }

  #exported(node: string): ActorDefinition {
    const actor = this.#nodes.get(node)?.actor
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
