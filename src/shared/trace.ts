import { oc } from '@orpc/contract'
import * as v from 'valibot'
import { taggedMessageSchema } from './tagged-message-schema.ts'

/** The newest traces are kept, and the newest spans of each. */
export const traceLimits = { traces: 200, spans: 500 } as const

export const traceSpanSchema = v.object({
  /** 32 hexadecimal digits, as in W3C Trace Context. */
  traceId: v.string(),
  /** 16 of them. */
  spanId: v.string(),
  /** The span that caused it, here or at another instance; absent where the trace begins. */
  parentId: v.optional(v.string()),
  instance: v.string(),
  /** `emit`: a message left a node (or, where `node` is empty, came from outside) that no other caused; `process`: a node worked at one. */
  kind: v.picklist(['emit', 'process']),
  node: v.string(),
  actor: v.string(),
  port: v.string(),
  /** Since the epoch, with fractions. */
  startMs: v.number(),
  /** How long its message had waited for the node. */
  waitMs: v.number(),
  durationMs: v.number(),
  /** Why it failed, if it did. */
  failure: v.optional(v.string()),
})
/** What one node did for one message that is followed. */
export type TraceSpan = v.InferOutput<typeof traceSpanSchema>

export const traceSummarySchema = v.object({
  traceId: v.string(),
  startMs: v.number(),
  /** From the first beginning to the last end so far. */
  durationMs: v.number(),
  spans: v.number(),
  /** In the order in which the message came to them. */
  instances: v.array(v.string()),
  /** Where it began. */
  node: v.string(),
  port: v.string(),
  failures: v.number(),
})
/** One message and all that came of it, in short. */
export type TraceSummary = v.InferOutput<typeof traceSummarySchema>

const instance = v.optional(v.string())

/** Follows single messages through nodes and instances. */
export const traceContract = {
  /**
   * Follows one in `oneIn` of the messages that nothing else caused, of one instance or of all, wherever they lead; 0 follows none. Holds until
   * the lab is closed, also for instances that start later. The newest 200 traces are kept.
   */
  follow: oc
    .input(v.object({ oneIn: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1_000_000)), instance }))
    .output(v.object({})),
  /**
   * Follows the next message that comes to a node (to its inport `port`, where that is named), that leaves it where it has no inports, or that goes onto a wire;
   * gives its trace. It is followed for a minute, wherever it leads. `MESSAGE_GONE` when none comes within `withinMs` (10,000).
   */
  next: oc
    .input(
      v.object({
        instance: v.string(),
        place: v.union([v.object({ node: v.string(), port: v.optional(v.string()) }), v.object({ wire: v.string() })]),
        withinMs: v.optional(v.pipe(v.number(), v.minValue(100), v.maxValue(60_000)), 10_000),
      }),
    )
    .output(v.object({ traceId: v.string() })),
  /** Puts one message on an inport, as `nodes.send` does, and follows it; gives its trace. */
  send: oc
    .input(v.object({ instance: v.string(), node: v.string(), port: v.string(), message: taggedMessageSchema }))
    .output(v.object({ traceId: v.optional(v.string()) })),
  /** Forgets all traces; what is followed stays so. */
  clear: oc.input(v.object({})).output(v.object({})),
  /** What is followed, by instance, and the newest traces, newest first. */
  list: oc.input(v.object({ limit: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(200))), instance })).output(
    v.object({
      following: v.array(v.object({ instance: v.string(), oneIn: v.number() })),
      traces: v.array(traceSummarySchema),
      /** Spans that came faster than they can be kept. */
      notKept: v.number(),
    }),
  ),
  /** All that is known of one trace, in the order in which it began. `MESSAGE_GONE` when it is no longer kept. */
  get: oc.input(v.object({ traceId: v.string() })).output(v.object({ spans: v.array(traceSpanSchema) })),
}
