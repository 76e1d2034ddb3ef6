import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { choice } from './fields.ts'

/** Pairs two streams: the first message of one with the first of the other, and so on; the faster one waits. */
export const zip = defineActor({
  name: 'Zip',
  description: 'Pairs the messages of two streams, first with first, second with second.',
  inports: { A: {}, B: {} },
  outports: { Output: {} },
  firing: 'all',
  config: v.object({ form: v.optional(choice(['array', 'object'], '[a, b], or {A, B}'), 'array') }),
  run: ({ inputs: { A, B }, config: { form } }) => ({ Output: form === 'array' ? [A, B] : { A, B } }),
})
