import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { choice, count, duration } from './fields.ts'
import { pause } from './pause.ts'

const config = v.object({
  messages: v.optional(count('messages that may pass', { most: 1_000_000 }), 1),
  perMs: v.optional(duration('in this time'), 1_000),
  excess: v.optional(
    choice(['wait', 'drop'], 'what becomes of more: they wait, and so do their sources; or they come out at Dropped'),
    'wait',
  ),
})

/** Lets so many messages pass in a time. */
export const throttle = defineActor({
  name: 'Throttle',
  description: 'Lets so many messages pass in a time; the others wait, or come out at Dropped.',
  inports: { Input: { capacity: 100 } },
  outports: { Output: {}, Dropped: {} },
  config,
  state: () => ({ sinceMs: -Infinity, passed: 0 }),
  async run({ inputs: { Input: message }, config: { messages, perMs, excess }, state, signal }) {
    if (performance.now() - state.sinceMs >= perMs) Object.assign(state, { sinceMs: performance.now(), passed: 0 })
    if (state.passed >= messages) {
      if (excess === 'drop') return { Dropped: message }
      await pause(state.sinceMs + perMs - performance.now(), signal)
      Object.assign(state, { sinceMs: performance.now(), passed: 0 })
    }
    state.passed += 1
    return { Output: message }
  },
})
