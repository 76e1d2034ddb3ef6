import { describeError } from '../shared/index.ts'
import type { Platform } from './host-platform.ts'
import type { NetworkEvent } from './network-event.ts'
import type { NodeSettings } from './node-config.ts'
import type { NodePhase } from './node-phase.ts'

/** The node that a supervisor restarts or ends. */
export interface SupervisedNode {
  readonly id: string
  readonly phase: NodePhase
  readonly settings: NodeSettings
  /** Takes no messages until its next start. */
  suspend(): void
  /** Runs the stop hook, prepares fresh state and runs the start hook. Throws what the start hook threw. */
  renew(): Promise<void>
  /** Ends it; its messages stay queued. */
  end(phase: 'failed' | 'parked'): void
}

/** What a supervisor takes from its network. */
export interface SupervisorHost {
  readonly platform: Platform
  emit(event: NetworkEvent): void
}

/** Decides what becomes of one node after a failure, and remembers how often that happened. Made at the first failure. */
export class Supervisor {
  readonly #node: SupervisedNode
  readonly #host: SupervisorHost
  /** When it was restarted, on the monotonic clock; those that still count. */
  #restartsAtMs: number[] = []
  #restarting: Promise<boolean> | undefined
  #cancelWait: (() => void) | undefined

  constructor(node: SupervisedNode, host: SupervisorHost) {
    this.#node = node
    this.#host = host
  }

  /** Restarts the node after a wait; gives whether it runs again. Whoever asks while a restart is under way waits for the same one. */
  restart(error: unknown): Promise<boolean> {
    this.#restarting ??= this.#restart(error)
    return this.#restarting
  }

  /** Takes note that the node runs again: what fails from now on is another failure. */
  began(): void {
    this.#restarting = undefined
  }

  /** Ends the node or its network, as its strategy says. */
  giveUp(error: unknown): void {
    const { id, settings } = this.#node
    const { supervision } = settings
    const reason = describeError(error)
    this.#node.end('failed')
    if (supervision.strategy === 'escalate') this.#host.emit({ type: 'escalated', node: id, reason })
  }

  /** Forgets what has been, and any restart that waits. */
  reset(): void {
    this.#restartsAtMs = []
    this.cancel()
  }

  /** Ends a wait for a restart; the restart does not come. */
  cancel(): void {
    this.#restarting = undefined
    this.#cancelWait?.()
    this.#cancelWait = undefined
  }

  async #restart(error: unknown): Promise<boolean> {
    const { id, settings } = this.#node
    const { supervision } = settings
    const { platform } = this.#host
    const nowMs = platform.monotonicMs()
    this.#restartsAtMs = this.#restartsAtMs.filter((atMs) => nowMs - atMs < supervision.withinMs)
    const restarts = this.#restartsAtMs.length
    if (restarts >= supervision.maxRestarts) {
      const reason = `failed again after ${restarts} restarts within ${supervision.withinMs / 1_000} s: ${describeError(error)}`
      this.#node.end('parked')
      this.#host.emit({ type: 'nodeParked', node: id, reason })
      return false
    }
    this.#restartsAtMs.push(nowMs)
    this.#node.suspend()
    const delayMs = backOffMs(supervision, restarts, platform.random())
    this.#host.emit({ type: 'nodeRestarting', node: id, delayMs, restarts: restarts + 1, reason: describeError(error) })
    if (!(await this.#wait(delayMs))) return false
    try {
      await this.#node.renew()
    } catch (startError) {
      return await this.#restart(startError)
    }
    return this.#node.phase === 'started' || this.#node.phase === 'starting'
  }

  /** Gives whether the wait came to its end. */
  #wait(delayMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const undo = this.#host.platform.after(delayMs, () => {
        this.#cancelWait = undefined
        resolve(true)
      })
      this.#cancelWait = () => {
        undo()
        resolve(false)
      }
    })
  }
}

/** Doubles from the least wait to the longest, less up to a half by chance, so that nodes that failed together do not come back together. */
export function backOffMs(
  { minDelayMs, maxDelayMs }: { minDelayMs: number; maxDelayMs: number },
  before: number,
  random: number,
): number {
  const full = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(before, 30))
  return full * (1 - random / 2)
}
