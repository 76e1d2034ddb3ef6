/** Names a span, here and at other instances: the ids of W3C Trace Context (https://www.w3.org/TR/trace-context/), in lower-case hex. */
export interface TraceContext {
  /** 32 digits. */
  readonly traceId: string
  /** 16 digits. */
  readonly spanId: string
  /** `tracestate`, passed on as it came. */
  readonly state?: string
}

/** What caused something: a span, or a message that is not followed. `undefined` stands for nothing. */
export type Cause = TraceContext | 'unfollowed'

/** Where the next message is followed: on its way to a node or one of its inports, from outside alone if so asked, or on a wire. */
export type TracePlace = { node: string; port?: string | undefined; isFromOutside?: boolean } | { wire: string }

/** What is known of a span when it begins. */
export interface SpanStart {
  /** What it was caused by; absent where a trace begins. */
  readonly parent: TraceContext | undefined
  /** `emit`: a message left a node, or came from outside, without another that caused it; `process`: a node works at one. */
  readonly kind: 'emit' | 'process'
  /** Empty for what comes from outside. */
  readonly node: string
  readonly actor: string
  readonly port: string
  /** How long the message waited for the node. */
  readonly waitMs: number
  /** Milliseconds since the epoch, with fractions. */
  readonly startMs: number
}

/** A span under way. */
export interface Span {
  readonly context: TraceContext
  /** Runs something as a part of it, so that what that does later is known to be caused by it. */
  within<Result>(run: () => Result): Result
  /** Ends it, with why it failed if it did. */
  end(endMs: number, failure: string | undefined): void
}

/** Follows messages through nodes. Handed in by the host; without one the runtime does nothing for it. */
export interface Tracer {
  /** Whether a message that nothing else caused begins a trace. */
  begins(): boolean
  start(start: SpanStart): Span
  /** What the code that asks was caused by, where that is not plain from the stack: after an await, in a timer. */
  active(): Cause | undefined
  /** Runs something that was caused by what is not followed. */
  aside<Result>(run: () => Result): Result
}
