import { defineActor } from 'millrace'
import * as v from 'valibot'
import { describeLevel } from './words/levels.js'

/** Plain JavaScript does as well. Files in folders below are not actors themselves; they are there to be imported. */
export const alarm = defineActor({
  name: 'Alarm',
  description: 'Says when a number has crossed a limit.',
  inports: { Input: { kind: 'float' } },
  outports: { Output: { kind: 'string' } },
  config: v.object({ limit: v.optional(v.number(), 0.5) }),
  state: () => ({ wasAbove: false }),
  run({ inputs, config, state }) {
    const isAbove = inputs.Input > config.limit
    if (isAbove === state.wasAbove) return
    state.wasAbove = isAbove
    return { Output: describeLevel(inputs.Input, config.limit) }
  },
})
