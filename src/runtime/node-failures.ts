import { describeError, isMillraceError, MillraceError } from '../shared/index.ts'
import { type Arrival, arrivalsOf, type Context } from './context.ts'
import { DelayedRetry } from './delayed-retry.ts'
import type { NodeActivity } from './network-event.ts'
import type { NodeFigures } from './node-figures.ts'
import type { NodeSettings } from './node-config.ts'
import type { NodeHost } from './node-host.ts'
import type { NodePhase } from './node-phase.ts'
import type { Outport } from './outport.ts'
import { backOffMs, type Supervisor } from './supervisor.ts'

/** The node whose failures are dealt with. */
export interface FailingNode {
  readonly id: string
  readonly phase: NodePhase
  readonly figures: NodeFigures
  readonly settings: NodeSettings
  readonly supervisor: Supervisor
  /** Runs the behaviour once. */
  call(context: Context): unknown
}

/**
 * Decides what a failure costs: a message is tried again at once, then after waits, then it becomes a dead letter, and those behind it
 * go on. The node's supervision says whether it is restarted, or ended, besides.
 */
export class NodeFailures {
  readonly #node: FailingNode
  readonly #host: NodeHost

  constructor(node: FailingNode, host: NodeHost) {
    this.#node = node
    this.#host = host
  }

  /** Runs a failed message again, at once; gives what the behaviour returned, or what says that it is tried again later. */
  tryAgain(context: Context, firstError: unknown): unknown {
    let error = firstError
    for (let attempt = 1; ; attempt++) {
      const next = this.nextTry(context, error, attempt)
      if (next instanceof DelayedRetry) return next
      if (next !== 'now') return next?.()
      try {
        return this.#node.call(context)
      } catch (nextError) {
        error = nextError
      }
    }
  }

  /**
   * Counts a failed try and says when the next is due. There is none once the messages have become dead letters; then it may say what
   * there is to do once the run is over.
   */
  nextTry(context: Context, error: unknown, attempt: number): 'now' | DelayedRetry | (() => void) | undefined {
    this.count('run', error, attempt)
    if (context.rejected) return undefined
    const { phase, settings, supervisor } = this.#node
    const { retry, supervision } = settings
    // Where several runs go on at once, one may fail while another one's failure has the node restarted.
    const isRunning = phase === 'started' || phase === 'starting'
    if (attempt < retry.attempts && isRunning) {
      if (supervision.strategy === 'restart') return new DelayedRetry(attempt + 1, supervisor.restart(error), error)
      if (attempt === 1) return 'now'
      const delayMs = backOffMs(retry, attempt - 2, this.#host.platform.random())
      return delayMs < 1 ? 'now' : new DelayedRetry(attempt + 1, delayMs, error)
    }
    this.giveUp(context, error, attempt)
    if (!isRunning || supervision.strategy === 'resume') return undefined
    if (supervision.strategy === 'restart') return () => void supervisor.restart(error)
    return () => supervisor.giveUp(error)
  }

  /** Makes messages dead letters that will not be tried again. */
  giveUp(context: Context, error: unknown, attempt: number): void {
    const tries = attempt === 1 ? 'once' : `${attempt} times`
    const isOwn = isMillraceError(error) && (error.code === 'TIMEOUT' || error.code === 'MESSAGE_MUTATED')
    const code = isOwn ? error.code : 'BEHAVIOUR_FAILED'
    this.bury(arrivalsOf(context), code, `failed ${tries}, last with: ${describeError(error)}`)
  }

  /** Makes the messages dead letters for which a behaviour returned something that throws when it is read. */
  unreadable(context: Context, error: unknown): void {
    this.count('run', error, 1)
    if (context.rejected) return
    const reason = `node "${this.#node.id}" returned something that cannot be read: ${describeError(error)}`
    this.bury(arrivalsOf(context), 'MESSAGE_INVALID', reason)
  }

  /** Makes what a behaviour rejects a dead letter, at once. */
  reject(context: Context, reason: string): void {
    if (context.rejected) return
    context.rejected = true
    this.bury(arrivalsOf(context), 'REJECTED', reason)
  }

  /** Makes messages that came to this node dead letters. */
  bury(arrivals: readonly Arrival[], code: string, reason: string): void {
    for (const arrival of arrivals) {
      this.#node.figures.deadLetters++
      this.#host.deadLetter({ node: this.#node.id, code, reason, ...arrival })
    }
  }

  /** Makes something that was emitted after the node had ended a dead letter for each wire it would have gone to. */
  late(outport: Outport, value: unknown): void {
    const { id, phase } = this.#node
    const source = `${id}.${outport.name}`
    const reason = `node "${id}" sent it after it had ${phase === 'failed' ? 'failed' : 'stopped'}`
    const targets = outport.wires.map(({ to }) => to)
    if (targets.length === 0) targets.push({ node: id, port: outport.name })
    for (const { node, port } of targets) {
      this.#host.deadLetter({ node, port, source, code: 'NETWORK_STATE', reason, value })
    }
  }

  /** Makes something that was returned for an outport that does not exist a dead letter. */
  putNowhere(port: string, value: unknown): void {
    const { id } = this.#node
    const error = new MillraceError('PORT_UNKNOWN', `node "${id}" emitted to "${port}", which is not an outport of it`)
    this.count('run', error, 1)
    this.bury([{ port, source: `${id}.${port}`, value }], error.code, error.message)
  }

  /** Counts a failure and tells the listeners. */
  count(during: NodeActivity, error: unknown, attempt: number): void {
    const { id, figures } = this.#node
    const reason = describeError(error)
    figures.errors++
    figures.lastError = reason
    this.#host.emit({ type: 'nodeFailed', node: id, during, attempt, reason, error })
  }
}
