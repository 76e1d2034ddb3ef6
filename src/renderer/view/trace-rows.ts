import type { TraceSpan } from '../../shared/index.ts'

/** A stretch of time within a trace; milliseconds since it began. */
export interface TraceStretch {
  fromMs: number
  ms: number
}

/** One hop of a trace: what one node did for the message, and how it came there. */
export interface TraceRow {
  span: TraceSpan
  /** Its place in the order in which hops began, from 1. */
  order: number
  /** How many times the way forked above it. */
  depth: number
  /** It is one of several that the hop above it led to. */
  isBranch: boolean
  /** On the way from another instance; absent within one. */
  transit?: TraceStretch
  /** In the queue before the node. */
  wait: TraceStretch
  /** In the node. */
  run: TraceStretch
}

/** A trace as it is drawn: each hop under the one that caused it, branches one after another. */
export interface TraceTree {
  rows: readonly TraceRow[]
  durationMs: number
}

/** Puts the hops of a trace in the order in which they are drawn. Those whose cause is not known (any more) stand by themselves. */
export function traceTree(spans: readonly TraceSpan[]): TraceTree {
  const inTime = spans.toSorted((one, other) => one.startMs - other.startMs)
  const startMs = Math.min(...inTime.map((span) => span.startMs - span.waitMs), Number.POSITIVE_INFINITY)
  const endMs = Math.max(...inTime.map((span) => span.startMs + span.durationMs), startMs)
  const byId = new Map(inTime.map((span) => [span.spanId, span]))
  const orders = new Map(inTime.map((span, place) => [span, place + 1]))
  const caused = new Map<TraceSpan | undefined, TraceSpan[]>()
  for (const span of inTime) {
    const cause = causeOf(span, byId)
    caused.set(cause, [...(caused.get(cause) ?? []), span])
  }
  const rows: TraceRow[] = []
  const seen = new Set<TraceSpan>()
  const visit = (cause: TraceSpan | undefined, depth: number) => {
    const next = caused.get(cause) ?? []
    for (const span of next) {
      if (seen.has(span)) continue
      seen.add(span)
      const isBranch = cause !== undefined && next.length > 1
      rows.push({ span, order: orders.get(span) ?? 0, depth, isBranch, ...stretchesOf(span, cause, startMs) })
      visit(span, depth + ((caused.get(span)?.length ?? 0) > 1 ? 1 : 0))
    }
  }
  visit(undefined, 0)
  // What peers call each other's cause may go round in a ring that begins nowhere.
  for (const span of inTime)
    if (!seen.has(span)) {
      seen.add(span)
      rows.push({
        span,
        order: orders.get(span) ?? 0,
        depth: 0,
        isBranch: false,
        ...stretchesOf(span, undefined, startMs),
      })
    }
  return { rows, durationMs: inTime.length === 0 ? 0 : endMs - startMs }
}

function causeOf({ parentId, spanId }: TraceSpan, byId: ReadonlyMap<string, TraceSpan>): TraceSpan | undefined {
  return parentId === undefined || parentId === spanId ? undefined : byId.get(parentId)
}

function stretchesOf(span: TraceSpan, cause: TraceSpan | undefined, startMs: number) {
  const arrivedMs = span.startMs - span.waitMs
  const wait = { fromMs: arrivedMs - startMs, ms: span.waitMs }
  const run = { fromMs: span.startMs - startMs, ms: span.durationMs }
  if (cause === undefined || cause.instance === span.instance) return { wait, run }
  // It left at some time while its cause was at work; clocks of two instances may differ by a little.
  const leftMs = Math.min(cause.startMs + cause.durationMs, arrivedMs)
  return { wait, run, transit: { fromMs: leftMs - startMs, ms: arrivedMs - leftMs } }
}

/** Round steps for a time axis of so many milliseconds, at most `count` of them, nought left out. */
export function axisSteps(durationMs: number, count: number): number[] {
  if (!(durationMs > 0)) return []
  const rough = durationMs / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power
  return Array.from({ length: Math.floor(durationMs / step) }, (_, place) => (place + 1) * step)
}

/** A node of the lab that a hop stands for; what takes messages out to a peer stands for the node that they come from. */
export function nodeOfHop({ node }: TraceSpan): string | undefined {
  const arrow = node.indexOf(' → ')
  if (arrow === -1) return node === '' ? undefined : node
  const dot = node.slice(0, arrow).lastIndexOf('.')
  return dot > 0 ? node.slice(0, dot) : undefined
}

/** The peer that a hop takes messages to, if that is what it does. */
export function peerOfHop({ node }: TraceSpan): string | undefined {
  const arrow = node.indexOf(' → ')
  if (arrow === -1) return undefined
  const to = node.slice(arrow + 3)
  const dot = to.lastIndexOf('.')
  return dot > 0 ? to.slice(0, dot) : to
}
