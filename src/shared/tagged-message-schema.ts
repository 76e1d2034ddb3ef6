import * as v from 'valibot'

/** Tagged JSON as it crosses the contract; `fromTagged` says whether it is a message. */
export const taggedMessageSchema = v.object({ type: v.string(), data: v.optional(v.unknown()) })
