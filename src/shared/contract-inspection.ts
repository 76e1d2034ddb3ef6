import { eventIterator, oc } from '@orpc/contract'
import * as v from 'valibot'
import { batch } from './contract-batch.ts'
import {
  breakpointConditionSchema,
  breakpointSchema,
  queuedMessageSchema,
  tappedMessageSchema,
  wireContentSchema,
} from './inspection.ts'
import { taggedMessageSchema } from './tagged-message-schema.ts'
import { wireOptionsSchema } from './wire-options.ts'

const done = v.object({})
const wireInput = { instance: v.string(), wire: v.string() }
const nodeInput = { instance: v.string(), node: v.string() }
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const place = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** Looks into the wires of a running instance. A wire is named by its id, a message on it by the id that `peek` gave. */
export const wireContract = {
  /** Shows what waits, oldest first, without taking it; at most 200 at a time. */
  peek: oc
    .input(v.object({ ...wireInput, offset: v.optional(place), limit: v.optional(v.pipe(count, v.maxValue(200))) }))
    .output(wireContentSchema),
  /** Takes one message away for good. `MESSAGE_GONE` when it no longer waits. */
  remove: oc.input(v.object({ ...wireInput, message: v.string() })).output(done),
  /** Takes all away, those in the outbox of its source included. */
  clear: oc.input(v.object(wireInput)).output(v.object({ removed: v.number() })),
  /** Changes capacity, policy and the like until the instance stops; the graph file stays as it is. */
  configure: oc.input(v.object({ ...wireInput, options: wireOptionsSchema })).output(done),
}

/** Holds messages on their way. */
export const breakpointContract = {
  list: oc.input(v.object({ instance: v.string() })).output(v.array(breakpointSchema)),
  /** Holds the messages for which all conditions are true (all messages when there are none), and what comes behind them. */
  set: oc
    .input(v.object({ ...wireInput, conditions: v.optional(v.array(breakpointConditionSchema), []) }))
    .output(done),
  /** Takes it away and lets all go. */
  clear: oc.input(v.object(wireInput)).output(v.object({ released: v.number() })),
  held: oc
    .input(v.object({ ...wireInput, limit: v.optional(v.pipe(count, v.maxValue(200))) }))
    .output(v.array(queuedMessageSchema)),
  /** Lets the oldest `count` (1) go, or all; the breakpoint stays. */
  release: oc
    .input(v.object({ ...wireInput, count: v.optional(v.union([count, v.literal('all')]), 1) }))
    .output(v.object({ released: v.number() })),
  /** Puts another message in the place of a held one. */
  edit: oc.input(v.object({ ...wireInput, message: v.string(), value: taggedMessageSchema })).output(done),
  /** Takes a held message away for good. */
  drop: oc.input(v.object({ ...wireInput, message: v.string() })).output(done),
}

const stepCount = v.optional(count, 1)
const drainMs = v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(600_000)))
const drained = v.object({ left: v.number() })

/** Runs one node by hand. */
export const nodeControlContract = {
  /**
   * Starts it again, also when it has failed or is parked; its messages wait meanwhile. Its state is fresh; where it persists it is what it
   * has, or with `forget` fresh, and all that was kept of it is gone.
   */
  restart: oc.input(v.object({ ...nodeInput, forget: v.optional(v.boolean()) })).output(done),
  pause: oc.input(v.object(nodeInput)).output(done),
  resume: oc.input(v.object(nodeInput)).output(done),
  /** Pauses it and lets `count` (1) messages through; those that are still to come are let through when they do. */
  step: oc.input(v.object({ ...nodeInput, count: stepCount })).output(done),
  /** Lets it process what is queued now, then pauses it. */
  drain: oc.input(v.object({ ...nodeInput, drainMs })).output(drained),
}

/** Runs all nodes of an instance by hand. */
export const instanceControlContract = {
  pause: oc.input(v.object({ instance: v.string() })).output(done),
  resume: oc.input(v.object({ instance: v.string() })).output(done),
  /** Pauses it and lets `count` (1) messages through, each through the next node that has one. */
  step: oc.input(v.object({ instance: v.string(), count: stepCount })).output(done),
  /** Pauses the sources, lets the rest process what is queued, then pauses all. */
  drain: oc.input(v.object({ instance: v.string(), drainMs })).output(drained),
}

const letterInput = v.object({ instance: v.string(), sequence: v.number() })

/** What may be done about a dead letter. */
export const deadLetterActionContract = {
  /** Sends the message again to the node it was for. `MESSAGE_GONE` when it is no longer kept. */
  retry: oc.input(letterInput).output(done),
  drop: oc.input(letterInput).output(done),
}

/** Messages as they go onto a wire, at most `perSecond` (50); `notShown` counts the rest. Ends when the instance stops. */
export const tapStream = oc
  .input(v.object({ ...wireInput, perSecond: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(1_000))) }))
  .output(eventIterator(batch(tappedMessageSchema)))
