import { findDeadlock } from './deadlock.ts'
import type { NetworkEvent } from './network-event.ts'
import type { BlockedNode } from './node-host.ts'
import type { Topology } from './topology.ts'

/** Looks for nodes that wait for each other whenever nothing is ready to run, and tells of each such ring once. */
export class DeadlockWatch {
  readonly #topology: Topology
  readonly #emit: (event: NetworkEvent) => void
  /** Nodes whose wires have become full since somebody last looked. */
  readonly #blocked = new Set<BlockedNode>()
  #last: string | undefined

  constructor(topology: Topology, emit: (event: NetworkEvent) => void) {
    this.#topology = topology
    this.#emit = emit
  }

  /** A wire out of this node has become full. */
  blocked(node: BlockedNode): void {
    this.#blocked.add(node)
  }

  /** To be called when nothing is ready to run; costs something only while nodes are blocked. */
  look(): void {
    // Asked after every slice, and clearing a set that is empty already makes a new one.
    if (this.#blocked.size === 0) return
    let blocked = 0
    for (const node of this.#blocked) if (node.outbox.obstacles > 0) blocked++
    this.#blocked.clear()
    if (blocked === 0) return
    const deadlock = findDeadlock(this.#topology)
    const name = deadlock?.wires.join(' ')
    if (deadlock !== undefined && name !== this.#last) this.#emit({ type: 'deadlock', ...deadlock })
    this.#last = name
  }
}
