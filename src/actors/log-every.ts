import * as v from 'valibot'

/** How many messages one log line stands for; 1, as in the tutorial, unless a config says otherwise. */
export function logEvery() {
  return v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1)
}
