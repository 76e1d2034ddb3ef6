import { describeError, MillraceError } from '../shared/index.ts'
import { type Arrival, arrivalsOf, type Context } from './context.ts'
import type { NodeActivity } from './network-event.ts'
import type { NodeFigures } from './node-figures.ts'
import type { NodeHost } from './node-host.ts'
import type { Outport } from './outport.ts'

/** How often a message is tried before it becomes a dead letter. */
const maxAttempts = 3

/** Where a node stands in its life; only a `started` one takes messages. */
export type NodePhase = 'stopped' | 'starting' | 'started' | 'failed' | 'removed'

/** The node whose failures are dealt with. */
export interface FailingNode {
  readonly id: string
  readonly phase: NodePhase
  readonly figures: NodeFigures
  /** Runs the behaviour once. */
  call(context: Context): unknown
}

/** Decides what a failure costs: three tries in place, then the message becomes a dead letter and those behind it go on. */
export class NodeFailures {
  readonly #node: FailingNode
  readonly #host: NodeHost

  constructor(node: FailingNode, host: NodeHost) {
    this.#node = node
    this.#host = host
  }

  /** Runs a failed message again in its place, until it succeeds or becomes a dead letter; gives what the behaviour returned. */
  tryAgain(context: Context, firstError: unknown): unknown {
    let error = firstError
    for (let attempt = 1; this.retryAfter(context, error, attempt); attempt++) {
      try {
        return this.#node.call(context)
      } catch (nextError) {
        error = nextError
      }
    }
    return undefined
  }

  /** Counts a failed try; tells whether another is due, and makes the messages dead letters if not. */
  retryAfter(context: Context, error: unknown, attempt: number): boolean {
    this.count('run', error, attempt)
    if (context.rejected) return false
    if (attempt < maxAttempts && this.#node.phase === 'started') return true
    const tries = attempt === 1 ? 'once' : `${attempt} times`
    this.bury(arrivalsOf(context), 'BEHAVIOUR_FAILED', `failed ${tries}, last with: ${describeError(error)}`)
    return false
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
