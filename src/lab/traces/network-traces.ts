import type { Network, Tracer } from '../../runtime/index.ts'
import type { Following } from './following.ts'
import { OpenTelemetryTracer, registeredApi } from './open-telemetry.ts'
import { SpanRecorder, type RecordedSpan } from './span-recorder.ts'
import { TraceScope } from './trace-scope.ts'

/** How the messages of one network are followed: by one tracer at a time. Where the process has a provider of OpenTelemetry, by that. */
export class NetworkTraces {
  readonly scope = new TraceScope()
  readonly #network: Network
  #telemetry: Awaited<ReturnType<typeof registeredApi>>
  #unfollow: (() => void) | undefined

  constructor(network: Network) {
    this.#network = network
  }

  async start(): Promise<void> {
    this.#telemetry = await registeredApi()
    if (this.#telemetry !== undefined) this.#trace(new OpenTelemetryTracer(this.#telemetry, { scope: this.scope }))
  }

  stop(): void {
    this.#unfollow?.()
  }

  /** Records the spans of messages, one in `oneIn` of those that nothing else caused; returns its undo. */
  follow({
    oneIn,
    linksBegin = true,
    record,
  }: Partial<Following> & { record: (span: RecordedSpan) => void }): () => void {
    const { scope } = this
    scope.linksBegin = linksBegin
    const api = this.#telemetry
    const undo = this.#trace(
      api === undefined ? new SpanRecorder({ scope, oneIn, record }) : new OpenTelemetryTracer(api, { scope, record }),
    )
    return () => {
      undo()
      scope.linksBegin = true
      if (api !== undefined) this.#trace(new OpenTelemetryTracer(api, { scope }))
    }
  }

  /** Follows in the way of a tracer, in place of the one before. */
  #trace(tracer: Tracer): () => void {
    this.#unfollow?.()
    const closeScope = this.scope.open()
    const stop = this.#network.trace(tracer)
    const undo = () => {
      stop()
      closeScope()
      if (this.#unfollow === undo) this.#unfollow = undefined
    }
    this.#unfollow = undo
    return undo
  }
}
