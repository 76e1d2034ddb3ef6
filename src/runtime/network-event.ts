import type { DeadLetter, WireEnd } from '../shared/index.ts'

/** Which part of a node's life failed. */
export type NodeActivity = 'start' | 'run' | 'stop'

/** What happens in a network, in the order in which it happens. */
export type NetworkEvent =
  | { type: 'started' }
  /** `left`: messages still queued, or abandoned while they were in process. */
  | { type: 'stopped'; left: number }
  | { type: 'nodeAdded' | 'nodeRemoved' | 'nodeStarted' | 'nodeStopped' | 'configChanged'; node: string }
  /** One failed try; after the third of a message it becomes a dead letter. A node whose start failed does not run. */
  | { type: 'nodeFailed'; node: string; during: NodeActivity; attempt: number; reason: string; error: unknown }
  /** It has failed; it starts again after the wait. `restarts` counts those within its window. */
  | { type: 'nodeRestarting'; node: string; delayMs: number; restarts: number; reason: string }
  /** It has failed too often: it waits for somebody to restart it, and its messages wait with it. */
  | { type: 'nodeParked'; node: string; reason: string }
  /** It needs a message from each inport, has some, and nothing leads to these inports. Once per start. */
  | { type: 'nodeStarved'; node: string; ports: string[]; reason: string }
  /** It has failed in a way that its supervision wants the whole network to end for. */
  | { type: 'escalated'; node: string; reason: string }
  | { type: 'wireAdded' | 'wireRemoved'; wire: string; from: WireEnd; to: WireEnd }
  /** At most once a second per wire. */
  | { type: 'wireFull'; wire: string; capacity: number }
  /** Nodes wait for each other in a ring: their wires are full (or, into a node that waits for all its inports, starved) for good. */
  | { type: 'deadlock'; nodes: string[]; wires: string[] }
  /** A breakpoint holds a message, and held none before. */
  | { type: 'messageHeld'; wire: string }
  | { type: 'deadLetter'; letter: DeadLetter }
  /** A node starts with the state that was kept of it; `warning` says what of it is lost. */
  | { type: 'stateRestored'; node: string; savedAtMs: number; warning?: string }
  /** What was kept of a node's state cannot be used, and it starts with a fresh one. */
  | { type: 'stateLost'; node: string; reason: string }
  /** A node's state cannot be kept; what was kept before still is. */
  | { type: 'stateNotKept'; node: string; reason: string }
  /** It was retried or dropped. */
  | { type: 'deadLetterGone'; sequence: number }

/** Tells listeners what happens. A throwing listener is reported and the rest go on. */
export class EventBus {
  readonly #listeners = new Set<(event: NetworkEvent) => void>()
  readonly #report: (error: unknown, event: NetworkEvent) => void

  constructor(report: (error: unknown, event: NetworkEvent) => void) {
    this.#report = report
  }

  /** Calls the listener with every event from now on; returns the undo. */
  subscribe(listener: (event: NetworkEvent) => void): () => void {
    // A wrapper of its own, so that one function may subscribe twice and undo each.
    const entry = (event: NetworkEvent) => listener(event)
    this.#listeners.add(entry)
    return () => {
      this.#listeners.delete(entry)
    }
  }

  /** Whether anybody listens. */
  get isHeard(): boolean {
    return this.#listeners.size > 0
  }

  emit(event: NetworkEvent): void {
    if (this.#listeners.size === 0) return
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        this.#report(error, event)
      }
    }
  }
}
