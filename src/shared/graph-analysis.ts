import * as v from 'valibot'

/** Node ids in the order in which messages pass them. */
const route = v.array(v.string())
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1))

/** What is asked of an analysis beyond the whole. */
export const analysisRequestSchema = v.object({
  /** Also what leads to this node and what it leads to. */
  node: v.optional(v.string()),
  /** Only ways that begin at this node; else those that begin where nothing comes in. */
  from: v.optional(v.string()),
  /** Only ways that end at this node; else those that end where nothing goes on. */
  to: v.optional(v.string()),
  /** How many ways are listed; they are counted all the same. 20 when absent. */
  limit: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1_000))),
})
export type AnalysisRequest = v.InferOutput<typeof analysisRequestSchema>

export const bottleneckSchema = v.object({
  node: v.string(),
  /** Which share of all ways through its part of the graph leads through it. */
  share,
  /** On how many ways messages come to it; counted up to 2^53 - 1. */
  waysIn: v.number(),
  /** How many nodes send to it. */
  sources: v.number(),
})
/** A node through which so much leads that it may hold up the rest. */
export type Bottleneck = v.InferOutput<typeof bottleneckSchema>

export const reachSchema = v.object({
  node: v.string(),
  upstream: v.array(v.string()),
  downstream: v.array(v.string()),
})
/** All nodes whose messages can come to a node, and all to which its own can go; itself only when it lies on a cycle. */
export type Reach = v.InferOutput<typeof reachSchema>

export const graphAnalysisSchema = v.object({
  nodes: v.number(),
  wires: v.number(),
  /** Nodes that can work at the same time: each stage comes after all that feeds it. What closes a cycle does not count. */
  stages: v.array(v.array(v.string())),
  /** Sets of nodes with no wire from one to another. */
  parts: v.array(v.array(v.string())),
  /** Sets of nodes that messages can go round in. */
  cycles: v.array(v.array(v.string())),
  /** Runs of at least three nodes, each the only one that the one before it feeds. */
  chains: v.array(route),
  /** The longest way from beginning to end: by time per message where that is known, else by nodes. */
  criticalPath: v.object({ nodes: route, ms: v.optional(v.number()) }),
  /** The ways from beginning to end, shortest stages first; `count` goes up to 2^53 - 1. */
  ways: v.object({ count: v.number(), listed: v.array(route) }),
  /** Candidates only: what really holds up is seen when it runs. */
  bottlenecks: v.array(bottleneckSchema),
  reach: v.optional(reachSchema),
})
/** What the wiring of a graph says about how it can run. */
export type GraphAnalysis = v.InferOutput<typeof graphAnalysisSchema>

export const nodeLoadSchema = v.object({
  node: v.string(),
  /** Messages per second that came in; of a node without inports those that went out. */
  perSecond: v.number(),
  /** Shares of the time: in its behaviour, and kept from going on by what is behind it. */
  busy: share,
  blocked: share,
  /** Mean time in its behaviour for one message; absent while there was none. */
  serviceMs: v.optional(v.number()),
  /** How long a message waits in front of it: what is queued over what is taken per second. Absent when nothing is taken. */
  waitMs: v.optional(v.number()),
  /** Messages that wait in front of it now. */
  queued: v.number(),
  isOnCriticalPath: v.boolean(),
})
/** Where time goes at one node. */
export type NodeLoad = v.InferOutput<typeof nodeLoadSchema>

/** Why the node at the end of a jam does not take more. */
export const jamReasons = [
  'busy',
  'paused',
  'parked',
  'failed',
  'stopped',
  'link',
  'breakpoint',
  'circle',
  'unknown',
] as const

export const jamSchema = v.object({
  /** The node that waits, and which share of the time it did. */
  node: v.string(),
  blocked: share,
  /** The fullest wire behind it, and the node at its end; absent where a link takes its messages. */
  wire: v.optional(v.string()),
  by: v.optional(v.string()),
  /** The node at the end of the jam, which may be `by` itself, and why it does not take more. */
  root: v.string(),
  reason: v.picklist(jamReasons),
})
/** Who blocks whom. */
export type Jam = v.InferOutput<typeof jamSchema>

export const networkLoadSchema = v.object({
  /** The time that was looked at. */
  overMs: v.number(),
  /** Those first that cost a message most time. */
  nodes: v.array(nodeLoadSchema),
  jams: v.array(jamSchema),
  /** The way on which a message takes longest, waiting included. */
  criticalPath: v.object({ nodes: route, ms: v.number() }),
})
/** Where the time goes in a running network, and who blocks whom. */
export type NetworkLoad = v.InferOutput<typeof networkLoadSchema>
