import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { duration } from './fields.ts'
import { pause } from './pause.ts'

/** Holds each message back for a time, up to 1,000 at once, and keeps their order. At a stop they go out without waiting. */
export const delay = defineActor({
  name: 'Delay',
  description: 'Holds each message back for a time; up to 1,000 wait at once, then its sources wait.',
  inports: { Input: {} },
  outports: { Output: {} },
  config: v.object({
    delayMs: v.optional(duration('how long', { least: 0, most: 86_400_000 }), 1_000),
    jitterMs: v.optional(duration('up to so much longer, by chance', { least: 0, most: 86_400_000 }), 0),
  }),
  parallel: 1_000,
  async run({ inputs, config: { delayMs, jitterMs }, signal }) {
    await pause(delayMs + Math.random() * jitterMs, signal)
    return { Output: inputs.Input }
  },
})
