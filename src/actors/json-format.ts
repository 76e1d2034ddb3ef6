import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { count } from './fields.ts'
import { jsonOf } from './text-of.ts'

/** Writes messages as JSON; what JSON cannot hold is spelled as in tagged messages. */
export const jsonFormat = defineActor({
  name: 'JsonFormat',
  description: 'Writes each message as JSON.',
  inports: { Input: {} },
  outports: { Output: { kind: 'string' } },
  config: v.object({
    indent: v.optional(count('blanks per level; all on one line when 0', { least: 0, most: 8 }), 0),
  }),
  run: ({ inputs, config: { indent } }) => ({ Output: jsonOf(inputs.Input, indent) }),
})
