import * as v from 'valibot'
import { deliveryModes, wirePolicies } from './wire-options.ts'

/**
 * What a lab looks like at one moment. All counts run from the start of the instance's network; all durations are
 * milliseconds, all sizes bytes. A snapshot is plain data: it crosses threads, processes and sockets as it is.
 */

/** A node's state: `parked` has failed too often and waits for a person, `blocked` has output that its wires do not take. */
export const nodeStates = ['stopped', 'idle', 'running', 'blocked', 'paused', 'failed', 'parked'] as const

export const quantilesSchema = v.object({
  count: v.number(),
  p50Ms: v.number(),
  p95Ms: v.number(),
  p99Ms: v.number(),
  maxMs: v.number(),
})
/** Durations of the last five to ten seconds: how many, and how long those at 50, 95 and 99 of 100 took, and the longest; each an eighth off at most. */
export type Quantiles = v.InferOutput<typeof quantilesSchema>

export const nodeSnapshotSchema = v.object({
  id: v.string(),
  component: v.string(),
  /** `remote` stands for a node of a peer; `egress` is where a link takes messages out of this instance. */
  role: v.picklist(['local', 'remote', 'egress']),
  state: v.picklist(nodeStates),
  received: v.number(),
  sent: v.number(),
  errors: v.number(),
  deadLetters: v.number(),
  /** Messages waiting in the wires into this node. */
  queued: v.number(),
  /** Messages emitted but not yet taken by the wires out of this node. */
  outbox: v.number(),
  busyMs: v.number(),
  blockedMs: v.number(),
  /** Figures the node reports of itself by name, such as `accuracy`. */
  gauges: v.record(v.string(), v.number()),
  /** How long it takes for a message, timed by the batch; absent while there is none. */
  service: v.optional(quantilesSchema),
  /** How long a message waits on the way into it, from samples; absent while there is none. */
  wait: v.optional(quantilesSchema),
  lastError: v.optional(v.string()),
  /** What is kept of its state beyond a stop: about how much, when it was last written, why the newest is not. Absent where nothing shall be. */
  kept: v.optional(v.object({ savedAtMs: v.optional(v.number()), bytes: v.number(), fault: v.optional(v.string()) })),
})
/** One node of a running network. */
export type NodeSnapshot = v.InferOutput<typeof nodeSnapshotSchema>

export const endSchema = v.object({ node: v.string(), port: v.string() })
/** One end of a wire: a port of a node. */
export type WireEnd = v.InferOutput<typeof endSchema>

export const wireSnapshotSchema = v.object({
  /** `node.Port -> node.Port` */
  id: v.string(),
  from: endSchema,
  to: endSchema,
  queued: v.number(),
  queuedBytes: v.number(),
  capacity: v.number(),
  highWater: v.number(),
  /** Messages that have been put on the wire. */
  accepted: v.number(),
  /** Messages lost by its policy. */
  dropped: v.number(),
  /** Messages that waited longer than its time to live, and are dead letters now; absent where it has none. */
  expired: v.optional(v.number()),
  /** Messages that a breakpoint holds; absent when there is none. */
  held: v.optional(v.number()),
  /** Absent where it blocks. */
  policy: v.optional(v.picklist(wirePolicies)),
})
/** One wire of a running network. */
export type WireSnapshot = v.InferOutput<typeof wireSnapshotSchema>

export const linkStates = ['connecting', 'up', 'suspect', 'down', 'refused', 'closed'] as const

const shortMs = v.pipe(v.number(), v.minValue(0), v.maxValue(10_000))
export const linkDisturbanceSchema = v.object({
  /** Every packet arrives this much later, each way; milliseconds, at most 10,000. */
  delayMs: shortMs,
  /** And by chance up to this much more; order is kept. */
  jitterMs: shortMs,
  /** Nobody gets through. */
  isCut: v.boolean(),
})
/** What is done to a link on purpose, to see what the network does then. */
export type LinkDisturbance = v.InferOutput<typeof linkDisturbanceSchema>

/** The network that the command line and the trial of a connection belong to while they are linked. */
export const commandLineNetwork = 'command_line'

export const linkSnapshotSchema = v.object({
  /** The peer's `networkId/instanceId`, or its address while it has not said who it is. */
  peer: v.string(),
  /** `host:port`; the one dialled, or the one it came from. */
  address: v.string(),
  direction: v.picklist(['dialled', 'accepted']),
  state: v.picklist(linkStates),
  /** Both sides have proved a token, and nobody on the way can read along: it is encrypted, or stays on this machine. */
  secure: v.boolean(),
  /** The id of the key, that is the token, which proved it; absent where there is none. */
  key: v.optional(v.string()),
  /** Nodes that the peer exports now, as it tells; the first hundred. Absent while it has told none. */
  exports: v.optional(v.array(v.string())),
  rttMs: v.optional(v.number()),
  /** Data messages, over all sessions with this peer. */
  sent: v.number(),
  received: v.number(),
  lost: v.number(),
  duplicated: v.number(),
  /** Received by a start of the peer that was killed, before any actor was known to have them: they may be lost. */
  uncertain: v.optional(v.number()),
  sentBytes: v.number(),
  receivedBytes: v.number(),
  /** Messages waiting for credit or for the link. */
  queued: v.number(),
  reconnects: v.number(),
  retryInMs: v.optional(v.number()),
  /** Present while it is disturbed on purpose. */
  disturbance: v.optional(linkDisturbanceSchema),
  reason: v.optional(v.string()),
  channels: v.array(
    v.object({
      /** `out`: this instance sends; `in`: it receives. `node` and `port` are those of the exporting side. */
      direction: v.picklist(['out', 'in']),
      node: v.string(),
      port: v.string(),
      messages: v.number(),
      queued: v.number(),
      /** Messages that may still be sent before the receiver grants more. */
      credit: v.number(),
      /** What it promises; absent: reliable. */
      delivery: v.optional(v.picklist(deliveryModes)),
    }),
  ),
})
/** The link to one peer. */
export type LinkSnapshot = v.InferOutput<typeof linkSnapshotSchema>

export const processSnapshotSchema = v.object({
  pid: v.number(),
  uptimeMs: v.number(),
  /** Event-loop lag over the last sample interval: 99th percentile and worst. */
  loopLagP99Ms: v.number(),
  loopLagMaxMs: v.number(),
  /** Share of one core, 0 to 1, that this thread or process kept busy over the last interval. */
  cpu: v.number(),
  heapBytes: v.number(),
})
/** The thread or process an instance runs in. */
export type ProcessSnapshot = v.InferOutput<typeof processSnapshotSchema>

export const isolations = ['thread', 'process', 'inline'] as const
/** Where an instance runs: a worker thread of the host, a process of its own, or the host's own thread (tests). */
export type Isolation = (typeof isolations)[number]

export const instanceStates = ['stopped', 'starting', 'running', 'stopping', 'failed', 'crashed'] as const
/** `failed` could not be started or ended with an error it named; `crashed` ended without saying why. */
export type InstanceState = (typeof instanceStates)[number]

/** What changes many times a second. */
export const instanceMetricsSchema = v.object({
  instance: v.string(),
  timeMs: v.number(),
  nodes: v.array(nodeSnapshotSchema),
  wires: v.array(wireSnapshotSchema),
  links: v.array(linkSnapshotSchema),
  deadLetters: v.number(),
  /** Own actors: how often a newer version was taken over, and how many old versions are still held. */
  ownActors: v.optional(v.object({ reloads: v.number(), held: v.number() })),
  process: processSnapshotSchema,
})
export type InstanceMetrics = v.InferOutput<typeof instanceMetricsSchema>

export const instanceExitSchema = v.object({
  timeMs: v.number(),
  /** `failed` could not start; `killed` was ended before it had drained. */
  how: v.picklist(['stopped', 'killed', 'crashed', 'failed']),
  /** One line for a person. */
  reason: v.string(),
})
/** How a run of an instance came to its end. */
export type InstanceExit = v.InferOutput<typeof instanceExitSchema>

/** What changes when somebody changes it. */
export const instanceDescriptionSchema = v.object({
  /** `networkId/instanceId`: how every command names this instance. */
  instance: v.string(),
  networkId: v.string(),
  instanceId: v.string(),
  state: v.picklist(instanceStates),
  /** Where it runs, or would when it is started now. */
  isolation: v.picklist(isolations),
  /** Where it runs from its next start on, if that is elsewhere. */
  nextIsolation: v.optional(v.picklist(isolations)),
  /** `host:port` that peers dial; the real port once it runs. */
  address: v.string(),
  graphFile: v.string(),
  exports: v.array(v.string()),
  startedAtMs: v.optional(v.number()),
  restarts: v.number(),
  /** How its last run ended, also when it runs again. */
  lastExit: v.optional(instanceExitSchema),
  /** It was duplicated from another one and is not in the lab file: it is gone when the lab is closed. */
  isCopy: v.optional(v.boolean()),
  /** Why it is not running: one line for a person, with its code. */
  reason: v.optional(v.string()),
  nodes: v.array(
    v.object({
      id: v.string(),
      component: v.string(),
      role: v.picklist(['local', 'remote']),
      label: v.optional(v.string()),
      position: v.optional(v.object({ x: v.number(), y: v.number() })),
      inports: v.array(v.string()),
      outports: v.array(v.string()),
    }),
  ),
  wires: v.array(
    v.object({
      id: v.string(),
      from: endSchema,
      to: endSchema,
      /** What it promises on the link that it crosses, where the graph says so. */
      delivery: v.optional(v.picklist(deliveryModes)),
    }),
  ),
})
export type InstanceDescription = v.InferOutput<typeof instanceDescriptionSchema>

/** One moment of an instance in the metrics history, rates already made of counts. */
export const metricsPointSchema = v.object({
  timeMs: v.number(),
  /** Messages per second that the instance's nodes received. */
  messagesPerSecond: v.number(),
  queued: v.number(),
  loopLagMs: v.number(),
  cpu: v.number(),
  heapBytes: v.number(),
  errors: v.number(),
  deadLetters: v.number(),
  /** `node.gauge` to its latest value. */
  gauges: v.record(v.string(), v.number()),
})
export type MetricsPoint = v.InferOutput<typeof metricsPointSchema>

export const deadLetterSchema = v.object({
  sequence: v.number(),
  timeMs: v.number(),
  code: v.string(),
  reason: v.string(),
  /** The node that could not take or process the message, and the port it came in by. */
  node: v.string(),
  port: v.string(),
  /** Where the message came from, if known: `node.Port`. */
  source: v.optional(v.string()),
  /** The first 500 characters of the message as tagged JSON. */
  preview: v.string(),
})
/** A message that could not be delivered or processed, kept with its reason. */
export type DeadLetter = v.InferOutput<typeof deadLetterSchema>
