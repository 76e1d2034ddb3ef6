import type { NetworkNode } from './network-node.ts'
import type { PausedNode } from './node-host.ts'
import type { Platform } from './host-platform.ts'
import type { Scheduler } from './scheduler.ts'
import { Deadline, settle } from './shutdown.ts'
import type { Topology } from './topology.ts'

const defaultDrainMs = 10_000

/** What stepping works on. */
export interface Controlled {
  topology: Topology
  scheduler: Scheduler
  platform: Platform
}

/**
 * Pauses nodes and lets them go on, one message at a time if need be. A paused node takes no messages; a paused source (a node without
 * inports) emits none: what it sends waits as if its wires were full. What is under way when a pause comes ends and is emitted.
 */
export class RunControl {
  readonly #network: Controlled
  /** Whether nodes are paused that are added now. */
  #isPaused = false
  /** Messages the whole network may still step. */
  #steps = 0
  #next = 0
  #isPumping = false

  constructor(network: Controlled) {
    this.#network = network
  }

  /** Whether the whole network is paused. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Pauses one node, or all of them, those still to be added included. Throws `NODE_UNKNOWN`. */
  pause(node?: string): void {
    if (node === undefined) {
      this.#isPaused = true
      this.#steps = 0
    }
    for (const one of this.#nodes(node)) one.turns.allow(0)
  }

  /** Lets one node, or all of them, go on. Throws `NODE_UNKNOWN`. */
  resume(node?: string): void {
    if (node === undefined) this.#isPaused = false
    for (const one of this.#nodes(node)) one.turns.allow(Infinity)
  }

  /**
   * Pauses and lets `count` messages through: of one node as they come, or of the whole network one after the other, each time of the
   * next node that has one. What cannot be stepped yet is stepped when it comes. Throws `NODE_UNKNOWN`.
   */
  step(node?: string, count = 1): void {
    if (node !== undefined) {
      for (const one of this.#nodes(node))
        one.turns.allow((one.turns.allowance === Infinity ? 0 : one.turns.allowance) + count)
      return
    }
    if (!this.#isPaused) this.pause()
    this.#steps += count
    this.#pump()
  }

  /** Lets a node process what is queued for it at this moment, then pauses it; gives how many messages still are. Throws `NODE_UNKNOWN`. */
  async drainNode(id: string, drainMs = defaultDrainMs): Promise<{ left: number }> {
    const node = this.#network.topology.node(id)
    if (node.inports.length > 0) node.turns.allow(node.intake.setsQueued)
    const deadline = new Deadline(this.#network.platform, drainMs)
    await settle(this.#network, [node], deadline, () => node.turns.allowance === 0 && node.inFlight === 0)
    deadline.cancel()
    node.turns.allow(0)
    return { left: node.intake.queued }
  }

  /** Pauses the sources, lets the rest process what is queued, then pauses everything; gives how many messages are left. */
  async drain(drainMs = defaultDrainMs): Promise<{ left: number }> {
    const { topology } = this.#network
    const nodes = [...topology.nodes.values()]
    this.#isPaused = true
    for (const node of nodes) node.turns.allow(node.inports.length === 0 ? 0 : Infinity)
    const deadline = new Deadline(this.#network.platform, drainMs)
    await settle(this.#network, nodes, deadline)
    deadline.cancel()
    this.pause()
    return { left: topology.queued }
  }

  /** Takes note of a node that was added. */
  adopt(node: NetworkNode): void {
    if (this.#isPaused) node.turns.allow(0)
  }

  /** Takes note of a paused node that has something to do. */
  pausedHasWork(_node: PausedNode): void {
    if (this.#steps > 0) this.#pump()
  }

  #pump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    this.#network.platform.schedule(() => {
      this.#isPumping = false
      if (this.#steps === 0) return
      const next = this.#nextToStep()
      if (next === undefined) return
      this.#steps--
      next.turns.allow(1)
      this.#pump()
    })
  }

  /** Nodes have turns, so that a busy one does not get all the steps. */
  #nextToStep(): NetworkNode | undefined {
    const nodes = [...this.#network.topology.nodes.values()]
    for (let tried = 0; tried < nodes.length; tried++) {
      const node = nodes[(this.#next + tried) % nodes.length]
      if (node?.turns.couldRun !== true) continue
      this.#next = (this.#next + tried + 1) % nodes.length
      return node
    }
    return undefined
  }

  #nodes(id: string | undefined): NetworkNode[] {
    const { topology } = this.#network
    return id === undefined ? [...topology.nodes.values()] : [topology.node(id)]
  }
}
