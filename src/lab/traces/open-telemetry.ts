import type { Cause, Span, SpanStart, TraceContext, Tracer } from '../../runtime/index.ts'
import { version } from '../version.ts'
import { spanOf, type RecorderOptions } from './span-recorder.ts'

type Api = typeof import('@opentelemetry/api')

/** Loads the programming interface of OpenTelemetry if this process has registered a provider; without one it is not even loaded. */
export async function registeredApi(): Promise<Api | undefined> {
  // Where every copy of the interface of this major finds what was registered.
  const registered = (globalThis as { [key: symbol]: unknown })[Symbol.for('opentelemetry.js.api.1')]
  const hasProvider = typeof registered === 'object' && registered !== null && 'trace' in registered
  return hasProvider ? await import('@opentelemetry/api') : undefined
}

/** Follows messages by spans of OpenTelemetry, whose provider says which are kept; tells a recorder of them besides, if there is one. */
export class OpenTelemetryTracer implements Tracer {
  readonly #api: Api
  readonly #options: Pick<RecorderOptions, 'scope'> & { record?: RecorderOptions['record'] }

  constructor(api: Api, options: Pick<RecorderOptions, 'scope'> & { record?: RecorderOptions['record'] }) {
    this.#api = api
    this.#options = options
  }

  begins(): boolean {
    return true
  }

  start(start: SpanStart): Span {
    const { trace, context, SpanKind, SpanStatusCode } = this.#api
    const { parent, kind, node, actor, port, waitMs, startMs } = start
    const above = parent === undefined ? context.active() : trace.setSpanContext(context.active(), this.#remote(parent))
    const place = node === '' ? port : `${node}.${port}`
    const span = trace.getTracer('millrace', version).startSpan(
      `${kind} ${place}`,
      {
        kind: kind === 'emit' ? SpanKind.PRODUCER : SpanKind.CONSUMER,
        startTime: new Date(startMs),
        attributes: {
          'messaging.system': 'millrace',
          'messaging.operation.type': kind === 'emit' ? 'send' : 'process',
          'messaging.destination.name': place,
          'millrace.node': node,
          'millrace.actor': actor,
          'millrace.wait_ms': waitMs,
        },
      },
      above,
    )
    const { traceId, spanId, traceState } = span.spanContext()
    const state = traceState?.serialize()
    const own: TraceContext = { traceId, spanId, ...(state ? { state } : {}) }
    const { scope, record } = this.#options
    return {
      context: own,
      within: (run) => scope.run(own, () => context.with(trace.setSpan(context.active(), span), run)),
      end(endMs, failure) {
        if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure })
        span.end(new Date(endMs))
        record?.(spanOf(start, own, endMs, failure))
      },
    }
  }

  active(): Cause | undefined {
    return this.#options.scope.active()
  }

  aside<Result>(run: () => Result): Result {
    return this.#options.scope.run('unfollowed', run)
  }

  #remote({ traceId, spanId, state }: TraceContext) {
    const { TraceFlags, createTraceState } = this.#api
    const traceFlags = TraceFlags.SAMPLED
    return { traceId, spanId, traceFlags, isRemote: true, ...(state && { traceState: createTraceState(state) }) }
  }
}
