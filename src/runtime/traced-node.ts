import { describeError } from '../shared/index.ts'
import type { ActorDefinition } from './actor.ts'
import type { Context } from './context.ts'
import type { NetworkTracing, TraceNote } from './network-tracing.ts'
import { isThenable } from './node-config.ts'
import type { Span } from './tracer.ts'
import type { Wire } from './wire.ts'

/** The node whose work is followed. */
export interface FollowedNode {
  readonly id: string
  readonly actor: ActorDefinition
  /** Whether its runs go on after their behaviour has returned. */
  readonly asyncRuns: object | undefined
  /** What it does for what the context holds. */
  readonly plan: { readonly behaviour: (context: Context) => unknown }
  putOutputs(outputs: unknown, context: Context): void
}

/** Stands in for the behaviour of a node while messages are followed: each that is gets a span for each try. */
export class TracedNode {
  readonly behaviour: (context: Context) => unknown
  readonly #node: FollowedNode
  readonly #tracing: NetworkTracing
  readonly #noteOf: (wire: Wire, number: number) => TraceNote | undefined
  /** What was noted of what a context holds, for a further try. */
  readonly #notes = new WeakMap<Context, TraceNote | undefined>()

  constructor(
    node: FollowedNode,
    tracing: NetworkTracing,
    noteOf: (wire: Wire, number: number) => TraceNote | undefined,
  ) {
    this.#node = node
    this.#tracing = tracing
    this.#noteOf = noteOf
    this.behaviour = (context) => {
      this.#notes.delete(context)
      return this.call(context)
    }
  }

  /** Runs the behaviour; a context that has been run before holds what it held then. */
  call(context: Context): unknown {
    const isFirst = !this.#notes.has(context)
    const note = isFirst ? this.#find(context) : this.#notes.get(context)
    if (isFirst) this.#notes.set(context, note)
    if (note !== undefined) return this.#followed(context, note, isFirst)
    if (this.#node.asyncRuns === undefined) return this.#plain(context)
    context.emitting = (emit) => this.#tracing.within('unfollowed', emit)
    return this.#tracing.aside(() => this.#plain(context))
  }

  /** Of a set of messages the first that is followed counts. */
  #find({ wires }: Context): TraceNote | undefined {
    for (const wire of wires) {
      const note = this.#noteOf(wire, wire.headNumber - 1)
      if (note !== undefined) return note
    }
    return undefined
  }

  #followed(context: Context, { context: parent, sinceMs }: TraceNote, isFirst: boolean): unknown {
    const startMs = this.#tracing.nowMs
    const { id: node, actor } = this.#node
    const waitMs = isFirst ? startMs - sinceMs : 0
    const { port } = context
    const span = this.#tracing.start({ parent, kind: 'process', node, actor: actor.name, port, waitMs }, startMs)
    let outputs: unknown
    try {
      outputs = this.#tracing.within(span.context, () => span.within(() => this.#plain(context)))
    } catch (error) {
      this.#tracing.end(span, describeError(error))
      throw error
    }
    if (isThenable(outputs)) return this.#later(context, span, outputs)
    // Here rather than in the loop that called, so that what it emits is known to be of it.
    this.#tracing.within(span.context, () => this.#node.putOutputs(outputs, context))
    this.#tracing.end(span, undefined)
    return undefined
  }

  #later(context: Context, span: Span, outputs: PromiseLike<unknown>): unknown {
    context.emitting = (emit) => this.#tracing.within(span.context, emit)
    outputs.then(
      () => this.#tracing.end(span, undefined),
      (error: unknown) => this.#tracing.end(span, describeError(error)),
    )
    return outputs
  }

  #plain(context: Context): unknown {
    return this.#node.plan.behaviour.call(this.#node.actor, context)
  }
}
