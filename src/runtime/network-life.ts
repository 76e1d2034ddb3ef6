import { MillraceError, type WireEnd } from '../shared/index.ts'
import type { NetworkNode } from './network-node.ts'
import type { NodeHost } from './node-host.ts'
import { drain } from './shutdown.ts'
import type { Topology } from './topology.ts'

/** `draining` while it stops: what is queued is still processed, and nothing new is taken from outside. */
export type NetworkState = 'stopped' | 'starting' | 'running' | 'draining'

/** A message that is sent at every start. */
export interface Initial {
  to: WireEnd
  value: unknown
}

/** Starts and stops all nodes of a network together. */
export class NetworkLife {
  state: NetworkState = 'stopped'
  /** Messages for every start, in order. */
  initials: Initial[] = []
  readonly #topology: Topology
  readonly #host: NodeHost
  readonly #restarting = new Map<NetworkNode, 'ending' | 'beginning' | 'again'>()
  /** Grows with every start and stop, so that a start notices that it was overtaken. */
  #turn = 0
  #starting: Promise<void> | undefined
  #stopping: Promise<{ left: number }> | undefined

  constructor(topology: Topology, host: NodeHost) {
    this.#topology = topology
    this.#host = host
  }

  /** Whether nodes that are added now shall start. */
  get isLive(): boolean {
    return this.state === 'starting' || this.state === 'running'
  }

  start(): Promise<void> {
    if (this.#stopping !== undefined)
      return Promise.reject(stateError('is still stopping; await its stop before you start it'))
    this.#starting ??= this.#begin()
    return this.#starting
  }

  stop(drainMs: number): Promise<{ left: number }> {
    if (this.state === 'stopped') return Promise.resolve({ left: this.#topology.queued })
    this.#stopping ??= this.#end(drainMs)
    return this.#stopping
  }

  /** Starts a node that was added to a running network. What goes wrong is an event. */
  async beginLate(node: NetworkNode): Promise<void> {
    await this.#beginOrReport(node, { keepState: false })
  }

  /** Stops a node's hooks and starts them again, with the state it has. What changes meanwhile is taken up in the same go. */
  async restart(node: NetworkNode): Promise<void> {
    if (this.#restarting.has(node)) {
      this.#restarting.set(node, 'again')
      return
    }
    do {
      this.#restarting.set(node, 'ending')
      const turn = this.#turn
      await node.finish()
      if (!this.isLive || node.phase === 'removed' || node.phase === 'stopped') break
      // The network was stopped and started meanwhile, and this node with it; it runs with its new config.
      if (turn !== this.#turn) continue
      this.#restarting.set(node, 'beginning')
      await this.#beginOrReport(node, { keepState: node.phase !== 'failed' })
    } while (this.#restarting.get(node) === 'again')
    this.#restarting.delete(node)
  }

  /** Takes a node out of the network for good. */
  async remove(node: NetworkNode): Promise<void> {
    this.initials = this.initials.filter(({ to }) => to.node !== node.id)
    // Before its wires go: what it still emits lands on them and shares their fate.
    node.close('removed')
    const wires = this.#topology.removeNode(node)
    for (const { id, from, to } of wires) this.#host.emit({ type: 'wireRemoved', wire: id, from, to })
    this.#host.emit({ type: 'nodeRemoved', node: node.id })
    await node.finish()
    this.#host.states.drop(node)
  }

  async #beginOrReport(node: NetworkNode, options: { keepState: boolean }): Promise<void> {
    try {
      await node.begin(options)
    } catch {
      // The node has reported it as a nodeFailed event already.
    }
  }

  async #begin(): Promise<void> {
    this.state = 'starting'
    const turn = ++this.#turn
    const nodes = [...this.#topology.nodes.values()]
    for (const { to, value } of this.initials) this.#admit(to, value)
    // Most nodes have no start hook and are started as soon as they are told to.
    const pending: Promise<void>[] = []
    for (const node of nodes) {
      const begun = node.begin({ keepState: false })
      if (begun !== undefined) pending.push(begun)
    }
    const outcomes = await Promise.allSettled(pending)
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (turn !== this.#turn) throw stateError('was stopped while it started')
    if (failed === undefined) {
      this.state = 'running'
      this.#host.emit({ type: 'started' })
      return
    }
    await this.stop(0)
    throw failed.reason
  }

  async #end(drainMs: number): Promise<{ left: number }> {
    this.state = 'draining'
    this.#turn++
    const { platform, scheduler } = this.#host
    const warn = (node: string, text: string) => this.#host.log('warn', node, text)
    await drain({ topology: this.#topology, scheduler, platform, warn }, drainMs)
    let abandoned = 0
    for (const node of this.#topology.nodes.values()) if (node.phase !== 'failed') abandoned += node.close('stopped')
    for (const door of this.#topology.doors())
      door.refuse(stateError('was stopped before there was room for the message'))
    await this.#host.states.settle()
    const left = this.#topology.queued + abandoned
    this.state = 'stopped'
    this.#starting = undefined
    this.#stopping = undefined
    this.#host.emit({ type: 'stopped', left })
    return { left }
  }

  #admit(to: WireEnd, value: unknown): void {
    const node = this.#topology.node(to.node)
    this.#topology.door(node, this.#topology.inport(node, to.port)).admit(value)
  }
}

function stateError(what: string): MillraceError {
  return new MillraceError('NETWORK_STATE', `the network ${what}`)
}
