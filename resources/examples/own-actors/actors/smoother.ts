import { defineActor } from 'millrace'
import * as v from 'valibot'

/** Smooths a stream of numbers: each output is the mean of the newest ones. Change the config or this file while it runs. */
export const smoother = defineActor({
  name: 'Smoother',
  description: 'The mean of the newest numbers.',
  inports: { Input: { kind: 'float', description: 'a number' } },
  outports: { Output: { kind: 'float', description: 'the mean of the newest numbers' } },
  config: v.object({
    size: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.description('how many numbers count')), 10),
  }),
  state: () => ({ newest: [] as number[] }),
  run({ inputs, config, state, gauge }) {
    state.newest = [...state.newest, Number(inputs.Input)].slice(-config.size)
    const mean = state.newest.reduce((sum, number) => sum + number, 0) / state.newest.length
    gauge('mean', mean)
    return { Output: mean }
  },
})
