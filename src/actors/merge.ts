import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { choice } from './fields.ts'

/** Brings streams together. A fast one does not starve the others: each wire is heard in turn. */
export const merge = defineActor({
  name: 'Merge',
  description: 'Brings up to four streams together: as they come, marked with their port, or as the newest of each.',
  inports: { A: {}, B: {}, C: {}, D: {} },
  outports: { Output: {} },
  config: v.object({
    form: v.optional(
      choice(
        ['plain', 'marked', 'newest'],
        'each message as it is; or {port, value}; or an object of the newest message of each port',
      ),
      'plain',
    ),
  }),
  state: () => ({ newest: {} as Readonly<Record<string, unknown>> }),
  run({ inputs, port, config: { form }, state }) {
    const value = inputs[port]
    if (form === 'plain') return { Output: value }
    if (form === 'marked') return { Output: { port, value } }
    state.newest = { ...state.newest, [port]: value }
    return { Output: state.newest }
  },
})
