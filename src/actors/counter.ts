import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { count } from './fields.ts'

/** Counts messages and passes the count on. */
export const counter = defineActor({
  name: 'Counter',
  description: 'Counts messages; a message at Reset starts anew.',
  inports: { Input: {}, Reset: {} },
  outports: { Count: { kind: 'integer' } },
  config: v.object({
    every: v.optional(count('emits after every so many', { most: 1_000_000_000 }), 1),
  }),
  state: () => ({ counted: 0 }),
  run({ port, config: { every }, state, gauge }) {
    state.counted = port === 'Reset' ? 0 : state.counted + 1
    gauge('count', state.counted)
    if (port === 'Reset' || state.counted % every === 0) return { Count: state.counted }
  },
})
