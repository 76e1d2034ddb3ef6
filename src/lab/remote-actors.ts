import type { Endpoint } from '../peer/index.ts'
import type { Network, NetworkEvent } from '../runtime/index.ts'
import { MillraceError, type DeliveryMode, type WireEnd } from '../shared/index.ts'
import type { RemoteActor, RemoteOptions } from './distributed-config.ts'
import { chooseNodeId } from './remote-names.ts'
import { RemoteNode, type RemoteTarget } from './remote-node.ts'
import type { TraceScope } from './traces/trace-scope.ts'

/** The nodes of a network that stand for nodes of its peers. */
export class RemoteActors {
  readonly #network: Network
  readonly #endpoint: Endpoint
  readonly #scope: TraceScope
  readonly #nodes = new Map<string, RemoteNode>()

  constructor(network: Network, endpoint: Endpoint, scope: TraceScope) {
    this.#network = network
    this.#endpoint = endpoint
    this.#scope = scope
    network.subscribe((event) => this.#followWires(event))
  }

  /** Adds a node for an exported node of a linked peer, and answers its id. Throws `PEER_UNKNOWN`, `NOT_EXPORTED`, `NODE_DUPLICATE`. */
  async register(
    actor: string,
    networkId: string,
    { conflict = 'fullyQualified', spread }: RemoteOptions,
  ): Promise<string> {
    const directory = await this.#endpoint.directory(networkId)
    const node = directory.find(({ id }) => id === actor)
    if (node === undefined) {
      const known = directory.map(({ id }) => id).join(', ') || 'nothing'
      throw new MillraceError('NOT_EXPORTED', `${networkId} does not export a node "${actor}"; it exports ${known}`)
    }
    const ports = { inports: node.inports.map(({ name }) => name), outports: node.outports.map(({ name }) => name) }
    const target = { node: actor, networkId, ...(spread && { spread }) }
    const taken = new Set(this.#network.snapshot().nodes.map(({ id }) => id))
    const id = chooseNodeId(target, conflict, (name) => taken.has(name))
    this.add(id, target, ports)
    return id
  }

  /** Adds a node whose ports are known. */
  add(id: string, target: RemoteTarget, ports: { inports: readonly string[]; outports: readonly string[] }): void {
    const waiting = (port: string) => this.#network.wires.waitingBehind(id, port)
    const remote = new RemoteNode(this.#endpoint, this.#scope, target, ports, waiting)
    this.#network.addNode(id, remote.actor, { role: 'remote' })
    this.#nodes.set(id, remote)
  }

  /** Removes a node with its wires, once what was under way to it has come. */
  async remove(id: string): Promise<void> {
    await this.#nodes.get(id)?.end()
    this.#nodes.delete(id)
    await this.#network.removeNode(id)
  }

  list(): RemoteActor[] {
    return Array.from(this.#nodes, ([id, { target }]) => {
      const { node: actor, networkId } = target
      const told = this.#endpoint.knownDirectory(networkId)
      return { id, actor, networkId, ...(told && { isThere: told.some((exported) => exported.id === actor) }) }
    })
  }

  /** Asks the peers anew; those that are not linked now tell nothing. */
  async refresh(): Promise<{ there: string[]; gone: string[] }> {
    const networkIds = [...new Set(this.list().map(({ networkId }) => networkId))]
    const asked = await Promise.allSettled(networkIds.map((networkId) => this.#endpoint.directory(networkId)))
    const there: string[] = []
    const gone: string[] = []
    for (const { id, actor, networkId } of this.list()) {
      const answer = asked[networkIds.indexOf(networkId)]
      if (answer?.status !== 'fulfilled') continue
      const list = answer.value.some((node) => node.id === actor) ? there : gone
      list.push(id)
    }
    return { there, gone }
  }

  /** A wire asks for a delivery where it crosses a link, or for none any longer. */
  deliver(from: WireEnd, to: WireEnd, delivery: DeliveryMode | undefined): void {
    const wire = JSON.stringify([from, to])
    this.#nodes.get(to.node)?.deliver('in', to.port, wire, delivery)
    this.#nodes.get(from.node)?.deliver('out', from.port, wire, delivery)
  }

  #followWires(event: NetworkEvent): void {
    if (event.type === 'wireAdded') this.#nodes.get(event.from.node)?.subscribe(event.from.port)
    if (event.type !== 'wireRemoved') return
    this.deliver(event.from, event.to, undefined)
    const { node, port } = event.from
    const isStillWired = this.#network.snapshot().wires.some(({ from }) => from.node === node && from.port === port)
    if (!isStillWired) this.#nodes.get(node)?.unsubscribe(port)
  }
}
