import { randomFillSync } from 'node:crypto'
import type { Cause, Span, SpanStart, TraceContext, Tracer } from '../../runtime/index.ts'
import type { TraceSpan } from '../../shared/index.ts'
import type { TraceScope } from './trace-scope.ts'

/** A span as one instance knows it. */
export type RecordedSpan = Omit<TraceSpan, 'instance'>

/** What a recorder works with. */
export interface RecorderOptions {
  scope: TraceScope
  /** One in so many messages that nothing caused begins a trace; without it only what comes from others is followed. */
  oneIn: number | undefined
  record: (span: RecordedSpan) => void
}

/** Follows some of the messages through an instance, and tells each span when it has ended. */
export class SpanRecorder implements Tracer {
  readonly #options: RecorderOptions
  readonly #ids = new Ids()
  #asked = 0

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  begins(): boolean {
    const { oneIn } = this.#options
    return oneIn !== undefined && this.#asked++ % oneIn === 0
  }

  start(start: SpanStart): Span {
    const { parent } = start
    const context: TraceContext = {
      traceId: parent?.traceId ?? this.#ids.next(16),
      spanId: this.#ids.next(8),
      ...(parent?.state !== undefined && { state: parent.state }),
    }
    const { scope, record } = this.#options
    return {
      context,
      within: (run) => scope.run(context, run),
      end: (endMs, failure) => record(spanOf(start, context, endMs, failure)),
    }
  }

  active(): Cause | undefined {
    return this.#options.scope.active()
  }

  aside<Result>(run: () => Result): Result {
    return this.#options.scope.run('unfollowed', run)
  }
}

/** What there is to tell of a span that has ended. */
export function spanOf(
  { parent, kind, node, actor, port, waitMs, startMs }: SpanStart,
  { traceId, spanId }: TraceContext,
  endMs: number,
  failure: string | undefined,
): RecordedSpan {
  return {
    traceId,
    spanId,
    ...(parent !== undefined && { parentId: parent.spanId }),
    kind,
    node,
    actor,
    port,
    startMs,
    waitMs,
    durationMs: Math.max(0, endMs - startMs),
    ...(failure !== undefined && { failure: failure.slice(0, 500) }),
  }
}

/** Random ids, made of much randomness at once: each alone would cost a microsecond. */
class Ids {
  readonly #pool = Buffer.alloc(4_096)
  #used = Infinity

  /** Never all zeros, which stands for none. */
  next(bytes: number): string {
    if (this.#used + bytes > this.#pool.length) {
      randomFillSync(this.#pool)
      this.#used = 0
    }
    const id = this.#pool.toString('hex', this.#used, this.#used + bytes)
    this.#used += bytes
    return /^0+$/.test(id) ? this.next(bytes) : id
  }
}
