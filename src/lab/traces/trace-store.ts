import { MillraceError, traceLimits, type TraceSpan, type TraceSummary } from '../../shared/index.ts'

/** A message that feeds a loop comes to no end. */
const { traces: maxTraces, spans: maxSpans } = traceLimits

/** The newest traces of all instances of a lab. */
export class TraceStore {
  readonly #traces = new Map<string, TraceSpan[]>()
  /** Spans that were not kept. */
  notKept = 0

  add(spans: readonly TraceSpan[], notKept: number): void {
    this.notKept += notKept
    for (const span of spans) this.#add(span)
  }

  /** Newest first. */
  list({ limit = 50, instance }: { limit?: number | undefined; instance?: string | undefined }): TraceSummary[] {
    const all = [...this.#traces.values()].toReversed()
    const found = instance === undefined ? all : all.filter((spans) => spans.some((span) => span.instance === instance))
    return found.slice(0, limit).map(summaryOf)
  }

  /** Forgets all of them; what is still to come of them begins them anew. */
  clear(): void {
    this.#traces.clear()
    this.notKept = 0
  }

  /** All that is kept, oldest first. */
  all(): TraceSpan[][] {
    return Array.from(this.#traces.values(), inOrder)
  }

  /** Throws `MESSAGE_GONE`. */
  get(traceId: string): TraceSpan[] {
    const spans = this.#traces.get(traceId)
    if (spans !== undefined) return inOrder(spans)
    throw new MillraceError(
      'MESSAGE_GONE',
      `the trace ${traceId} is not, or no longer, kept; the newest ${maxTraces} are`,
    )
  }

  #add(span: TraceSpan): void {
    const known = this.#traces.get(span.traceId)
    if (known === undefined) {
      this.#traces.set(span.traceId, [span])
      const [oldest] = this.#traces.keys()
      if (this.#traces.size > maxTraces && oldest !== undefined) this.#traces.delete(oldest)
    } else if (known.length < maxSpans) known.push(span)
    else this.notKept++
  }
}

function inOrder(spans: readonly TraceSpan[]): TraceSpan[] {
  return spans.toSorted((one, other) => one.startMs - other.startMs)
}

function summaryOf(kept: readonly TraceSpan[]): TraceSummary {
  const spans = inOrder(kept)
  const [first] = spans
  const root = spans.find(({ parentId }) => parentId === undefined) ?? first
  const startMs = first?.startMs ?? 0
  const endMs = Math.max(...spans.map((span) => span.startMs + span.durationMs))
  return {
    traceId: root?.traceId ?? '',
    startMs,
    durationMs: endMs - startMs,
    spans: spans.length,
    instances: [...new Set(spans.map(({ instance }) => instance))],
    node: root?.node ?? '',
    port: root?.port ?? '',
    failures: spans.filter(({ failure }) => failure !== undefined).length,
  }
}
