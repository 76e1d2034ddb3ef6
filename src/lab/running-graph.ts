import {
  networkChanges,
  nodesOf,
  wireId,
  wiredPorts,
  wiresOf,
  type GraphNode,
  type GraphWire,
  type NetworkChanges,
} from '../graph/index.ts'
import type { ActorDefinition } from '../runtime/index.ts'
import { describeError, type GraphExport } from '../shared/index.ts'
import type { DistributedNetwork } from './distributed-network.ts'
import type { InstanceSpec } from './instance-spec.ts'
import { remoteTargetOf } from './remote-target.ts'

/** What changes a running network needs. */
export interface RunningGraphOptions {
  network: DistributedNetwork
  /** What it was built of; its environment grows with what nodes that are added name. */
  spec: Pick<InstanceSpec, 'graph' | 'exports' | 'env'>
  /** Throws `ACTOR_UNKNOWN`. */
  actorOf: (component: string, node: string) => ActorDefinition
  log: (text: string) => void
}

type Undo = () => void | Promise<void>

/** A network that runs, and the graph that it runs: takes it to another graph while the rest goes on. */
export class RunningGraph {
  readonly #options: RunningGraphOptions
  #graph: GraphExport

  constructor(options: RunningGraphOptions) {
    this.#options = options
    this.#graph = options.spec.graph
  }

  /**
   * Brings the network to another graph, all or nothing. What comes is added before what goes is removed, in one turn of the loop, so
   * that no message finds a way that is cut; what lay on a removed wire becomes dead letters. Throws what cannot be, as a start would.
   */
  async apply(next: GraphExport, env: Readonly<Record<string, string>>): Promise<void> {
    Object.assign(this.#options.spec.env, env)
    const changes = networkChanges(this.#graph, next)
    const undo: Undo[] = []
    try {
      this.#configure(changes.configure, undo)
      for (const node of changes.addNodes) this.#add(node, next, undo)
      for (const node of changes.replaceNodes) await this.#replace(node, next, undo)
      this.#wire(changes, next, undo)
    } catch (error) {
      await this.#takeBack(undo)
      throw error
    }
    await this.#finish(changes)
    this.#graph = next
  }

  #configure(nodes: readonly GraphNode[], undo: Undo[]): void {
    const { local } = this.#options.network
    for (const { id, metadata } of nodes) {
      const before = this.#graph.processes?.[id]?.metadata ?? {}
      local.setConfig(id, metadata)
      undo.push(() => local.setConfig(id, before))
    }
  }

  #add({ id, remote, component, metadata }: GraphNode, graph: GraphExport, undo: Undo[]): void {
    const { network, actorOf, spec } = this.#options
    if (remote) network.addRemoteNode(id, remoteTargetOf(id, remote, metadata), wiredPorts(graph)(id))
    else network.registerLocalActor(id, actorOf(component, id), metadata, { exported: spec.exports.includes(id) })
    undo.push(() => this.#remove(id, remote !== undefined))
  }

  async #replace(node: GraphNode, graph: GraphExport, undo: Undo[]): Promise<void> {
    const old = nodeIn(this.#graph, node.id)
    // What the new actor is, is asked before the old one goes.
    if (node.remote) remoteTargetOf(node.id, node.remote, node.metadata)
    else this.#options.actorOf(node.component, node.id)
    await this.#remove(node.id, old?.remote !== undefined)
    undo.push(() => {
      if (old) this.#add(old, this.#graph, [])
      this.#wireAll(node.id, this.#graph, [])
    })
    this.#add(node, graph, undo)
  }

  #wire({ addWires, configureWires, replaceNodes }: NetworkChanges, next: GraphExport, undo: Undo[]): void {
    for (const wire of addWires) this.#connect(wire, undo)
    for (const { id } of replaceNodes) this.#wireAll(id, next, undo)
    const { network } = this.#options
    for (const wire of configureWires) {
      const id = wireId(wire.from, wire.to)
      const before = wiresOf(this.#graph).find((old) => wireId(old.from, old.to) === id)
      network.configureWire(id, wire.options)
      undo.push(() => before && network.configureWire(id, before.options))
    }
  }

  /** Joins a node that was put in another's place with what it is wired to; wires that are there already stay. */
  #wireAll(id: string, graph: GraphExport, undo: Undo[]): void {
    const present = new Set(this.#options.network.local.snapshot().wires.map((wire) => wire.id))
    for (const wire of wiresOf(graph)) {
      const isOurs = wire.from.node === id || wire.to.node === id
      if (isOurs && !present.has(wireId(wire.from, wire.to))) this.#connect(wire, undo)
    }
  }

  #connect(wire: GraphWire, undo: Undo[]): void {
    const { network } = this.#options
    network.connect(wire.from, wire.to, wire.options)
    undo.push(() => network.local.removeWire(wire.from, wire.to))
  }

  async #finish({ removeWires, removeNodes, addInitials }: NetworkChanges): Promise<void> {
    const { network } = this.#options
    for (const { from, to } of removeWires) network.local.removeWire(from, to)
    const removed = removeNodes.map((id) => this.#remove(id, nodeIn(this.#graph, id)?.remote !== undefined))
    for (const { to, value } of addInitials) network.local.addInitial(to, value)
    const outcomes = await Promise.allSettled(removed)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        this.#options.log(`a removed node did not end well: ${describeError(outcome.reason)}`)
  }

  #remove(id: string, isRemote: boolean): Promise<void> {
    const { network } = this.#options
    return isRemote ? network.unregisterRemoteActor(id) : network.unregisterLocalActor(id)
  }

  async #takeBack(undo: readonly Undo[]): Promise<void> {
    for (const step of undo.toReversed()) {
      try {
        await step()
      } catch (error) {
        this.#options.log(`a change could not be taken back: ${describeError(error)}`)
      }
    }
  }
}

function nodeIn(graph: GraphExport, id: string): GraphNode | undefined {
  return nodesOf(graph).find((node) => node.id === id)
}
