import type { TraceSpan } from '../shared/index.ts'
import type { Colours } from './colours.ts'
import { formatTable } from './table.ts'
import { visible } from './visible.ts'

const shownTraces = 3
const shownSpans = 40

/** Writes the slowest of the traces as waterfalls: each node under the one that caused its work. */
export function formatTraces(traces: readonly (readonly TraceSpan[])[], colours: Colours): string[] {
  const slowest = traces.toSorted((one, other) => durationOf(other) - durationOf(one)).slice(0, shownTraces)
  if (slowest.length === 0) return ['', 'no message was followed']
  const heading = `the slowest ${slowest.length} of ${traces.length} messages that were followed`
  return ['', colours.bold(heading), ...slowest.flatMap((spans) => ['', ...formatTrace(spans)])]
}

function formatTrace(spans: readonly TraceSpan[]): string[] {
  const [first] = spans
  if (first === undefined) return []
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const depthOf = (span: TraceSpan): number => {
    const above = span.parentId === undefined ? undefined : byId.get(span.parentId)
    return above === undefined || above === span ? 0 : Math.min(20, 1 + depthOf(above))
  }
  const rows = spans.slice(0, shownSpans).map((span) => {
    const place = span.node === '' ? `(outside) ${span.port}` : `${span.node}.${span.port}`
    return [
      `+${milliseconds(span.startMs - first.startMs)}`,
      visible(span.instance),
      `${'  '.repeat(depthOf(span))}${visible(place)}`,
      span.kind === 'emit' ? '' : milliseconds(span.waitMs),
      span.kind === 'emit' ? '' : milliseconds(span.durationMs),
      visible(span.failure ?? ''),
    ]
  })
  const more = spans.length - shownSpans
  return [
    `${first.traceId}  ${milliseconds(durationOf(spans))}`,
    ...formatTable([['at', 'instance', 'node', 'waited', 'took', ''], ...rows]),
    ...(more > 0 ? [`and ${more} more`] : []),
  ]
}

function durationOf(spans: readonly TraceSpan[]): number {
  return Math.max(...spans.map(({ startMs, durationMs }) => startMs + durationMs)) - (spans[0]?.startMs ?? 0)
}

function milliseconds(ms: number): string {
  return `${Number(ms.toPrecision(3))} ms`
}
