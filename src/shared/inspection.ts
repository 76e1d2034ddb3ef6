import * as v from 'valibot'
import { endSchema } from './snapshot.ts'
import { taggedMessageSchema } from './tagged-message-schema.ts'

/** How a breakpoint looks at a field. */
export const breakpointOperators = ['equals', 'not-equals', 'less', 'greater', 'contains', 'exists'] as const

export const breakpointConditionSchema = v.object({
  /** Keys and places joined by dots, such as `items.0.name`; empty for the message itself. */
  path: v.string(),
  operator: v.picklist(breakpointOperators),
  /** What the field is compared with; `exists` needs none. */
  value: v.optional(v.union([v.string(), v.number(), v.boolean(), v.null()])),
})
/** What a breakpoint asks of a message. */
export type BreakpointCondition = v.InferOutput<typeof breakpointConditionSchema>

export const queuedMessageSchema = v.object({
  /** Names this message on this wire, as long as it is there. */
  id: v.string(),
  /** Whether a breakpoint holds it; those held come after those that are on their way. */
  held: v.boolean(),
  /** Estimated. */
  bytes: v.number(),
  kind: v.string(),
  /** The first 500 characters of the message as tagged JSON. */
  preview: v.string(),
  /** The whole message, unless it is too large to be shown. */
  message: v.optional(taggedMessageSchema),
})
/** A message that waits on a wire. */
export type QueuedMessage = v.InferOutput<typeof queuedMessageSchema>

export const wireContentSchema = v.object({
  queued: v.number(),
  held: v.number(),
  /** Part of them, oldest first. */
  messages: v.array(queuedMessageSchema),
})
/** What waits on a wire. */
export type WireContent = v.InferOutput<typeof wireContentSchema>

export const breakpointSchema = v.object({
  wire: v.string(),
  from: endSchema,
  to: endSchema,
  conditions: v.array(breakpointConditionSchema),
  held: v.number(),
})
/** A place where messages are held until somebody lets them go. */
export type Breakpoint = v.InferOutput<typeof breakpointSchema>

export const tappedMessageSchema = v.object({
  instance: v.string(),
  wire: v.string(),
  timeMs: v.number(),
  /** Counts the messages of the wire since the tap was opened, those not shown included. */
  number: v.number(),
  bytes: v.number(),
  kind: v.string(),
  preview: v.string(),
  message: v.optional(taggedMessageSchema),
  /** Its trace, if it was followed. */
  traceId: v.optional(v.string()),
})
/** A message that went onto a wire while somebody looked. */
export type TappedMessage = v.InferOutput<typeof tappedMessageSchema>
