import * as v from 'valibot'

export const actorDescriptionSchema = v.object({
  name: v.string(),
  description: v.string(),
  inports: v.record(v.string(), v.object({ kind: v.string(), description: v.optional(v.string()) })),
  outports: v.record(v.string(), v.object({ kind: v.string(), description: v.optional(v.string()) })),
  /** JSON Schema of the config that a graph file may give; TCP ports have `"format": "port"`. */
  config: v.record(v.string(), v.unknown()),
  /** It emits by itself, without a message that comes in. */
  selfStarting: v.optional(v.boolean()),
})
/** An actor as the catalogue lists it. */
export type ActorDescription = v.InferOutput<typeof actorDescriptionSchema>
