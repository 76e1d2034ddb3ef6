import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { fromTaggedOrPlain } from '../shared/index.ts'
import { choice } from './fields.ts'
import { decode } from './decode.ts'

/** Reads JSON; a text that is none becomes a dead letter that names the place. */
export const jsonParse = defineActor({
  name: 'JsonParse',
  description: 'Reads each text (or bytes) as JSON; what is not JSON becomes a dead letter.',
  inports: { Input: { description: 'text, or bytes of UTF-8' } },
  outports: { Output: {} },
  config: v.object({
    form: v.optional(
      choice(['plain', 'tagged'], 'plain JSON, or {"type", "data"} as Millrace writes messages'),
      'plain',
    ),
  }),
  run({ inputs, config: { form }, reject }) {
    try {
      const value: unknown = JSON.parse(decode(inputs.Input))
      return { Output: form === 'tagged' ? fromTaggedOrPlain(value) : value }
    } catch (error) {
      return reject(`not JSON: ${error instanceof Error ? error.message : String(error)}`)
    }
  },
})
