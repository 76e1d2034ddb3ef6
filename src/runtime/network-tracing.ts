import type { Platform } from './host-platform.ts'
import type { Cause, SpanStart, Span, TraceContext, Tracer } from './tracer.ts'
import type { Wire } from './wire.ts'

/** What is noted of a message that is followed. */
export interface TraceNote {
  readonly context: TraceContext
  /** When it was put on the wire, on the monotonic clock. */
  readonly sinceMs: number
}

/** Which message is waited for, and who is told of its trace. */
interface Awaited {
  fits: (wire: Wire) => boolean
  begun: (context: TraceContext) => void
}

/** What the wires and nodes of a network share while their messages are followed. */
export class NetworkTracing {
  readonly #tracer: Tracer
  readonly #platform: Platform
  readonly #isInSlice: () => boolean
  /** From the monotonic clock to the epoch. */
  readonly #offsetMs: number
  /** What is done now was caused by this; known for what is on the stack. */
  #current: Cause | undefined
  /** The newest message that began a trace, or did not: its other wires share that. */
  #fresh: { first: Wire; note: TraceNote | undefined; isAwaited?: boolean } | undefined
  /** Absent while nobody waits for a message: then each costs one look more. */
  #awaited: Set<Awaited> | undefined

  constructor(tracer: Tracer, platform: Platform, isInSlice: () => boolean) {
    this.#tracer = tracer
    this.#platform = platform
    this.#isInSlice = isInSlice
    this.#offsetMs = platform.now() - platform.monotonicMs()
  }

  get nowMs(): number {
    return this.#platform.monotonicMs()
  }

  /** What is to be noted of a message that is just being put on a wire; `undefined` where it is not followed. */
  noteFor(wire: Wire): TraceNote | undefined {
    const cause = this.#cause
    if (cause !== undefined && cause !== 'unfollowed') {
      if (this.#awaited !== undefined) this.#caught(wire, cause)
      return { context: cause, sinceMs: this.nowMs }
    }
    const { first, isAwaited = false } = this.#fresh ?? {}
    const isShared =
      first !== undefined && first !== wire && first.fromNode === wire.fromNode && first.fromPort === wire.fromPort
    if (isShared && (cause === undefined || isAwaited)) return this.#fresh?.note
    if (this.#isAwaited(wire)) {
      const note = this.#begin(wire)
      this.#fresh = { first: wire, note, isAwaited: true }
      this.#caught(wire, note.context)
      return note
    }
    if (cause === 'unfollowed') {
      if (isAwaited) this.#fresh = undefined
      return undefined
    }
    const note = this.#tracer.begins() ? this.#begin(wire) : undefined
    this.#fresh = { first: wire, note }
    return note
  }

  /** The next message that goes onto a wire that fits is followed, whatever it was caused by; who asked is told of its trace. Returns the undo. */
  awaitNext(fits: Awaited['fits'], begun: Awaited['begun']): () => void {
    const entry = { fits, begun }
    this.#awaited = new Set([...(this.#awaited ?? []), entry])
    return () => this.#forget(entry)
  }

  #isAwaited(wire: Wire): boolean {
    return this.#awaited !== undefined && [...this.#awaited].some(({ fits }) => fits(wire))
  }

  #caught(wire: Wire, context: TraceContext): void {
    for (const entry of this.#awaited ?? []) {
      if (!entry.fits(wire)) continue
      this.#forget(entry)
      entry.begun(context)
    }
  }

  #forget(entry: Awaited): void {
    this.#awaited?.delete(entry)
    if (this.#awaited?.size === 0) this.#awaited = undefined
  }

  /**
   * What the code that runs now was caused by. In a slice of the scheduler only nodes run, for messages that are not followed unless the
   * stack says so; who has asked for the slice does not count.
   */
  get #cause(): Cause | undefined {
    return this.#current ?? (this.#isInSlice() ? 'unfollowed' : this.#tracer.active())
  }

  start(start: Omit<SpanStart, 'startMs'>, startMs: number): Span {
    return this.#tracer.start({ ...start, startMs: startMs + this.#offsetMs })
  }

  end(span: Span, failure: string | undefined): void {
    span.end(this.nowMs + this.#offsetMs, failure)
  }

  /** Runs something whose messages were caused by this. */
  within<Result>(cause: Cause, run: () => Result): Result {
    const before = this.#current
    this.#current = cause
    try {
      return run()
    } finally {
      this.#current = before
    }
  }

  /** Runs what may go on later, and was caused by a message that is not followed. */
  aside<Result>(run: () => Result): Result {
    return this.#tracer.aside(run)
  }

  #begin(wire: Wire): TraceNote {
    const { fromNode: node, fromPort } = wire
    const nowMs = this.nowMs
    const port = node === '' ? wire.inport.name : fromPort
    const span = this.start({ parent: undefined, kind: 'emit', node, actor: '', port, waitMs: 0 }, nowMs)
    this.end(span, undefined)
    return { context: span.context, sinceMs: nowMs }
  }
}
