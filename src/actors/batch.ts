import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError } from '../shared/index.ts'
import { count, duration } from './fields.ts'

const config = v.object({
  size: v.optional(count('messages that make a batch', { most: 100_000 }), 10),
  maxWaitMs: v.optional(
    duration('a smaller batch goes out when its first message has waited so long; never when absent'),
  ),
})

/** Gathers messages into arrays, by number and time. At a stop what is gathered goes out. */
export const batch = defineActor({
  name: 'Batch',
  description: 'Gathers messages into arrays of a size, or of what came within a time.',
  inports: { Input: {} },
  outports: { Output: { kind: 'array' } },
  config,
  state: () => ({ gathered: [] as unknown[], sinceMs: 0 }),
  start({ config: { maxWaitMs }, state, out, log }) {
    const flush = async () => {
      if (state.gathered.length > 0) await out.Output.send(state.gathered.splice(0))
    }
    if (maxWaitMs === undefined) return flush
    const look = () => {
      if (state.gathered.length === 0 || performance.now() - state.sinceMs < maxWaitMs) return
      flush().catch((error: unknown) => log.error(describeError(error)))
    }
    const timer = setInterval(look, Math.max(1, Math.min(maxWaitMs / 4, 250)))
    return async () => {
      clearInterval(timer)
      await flush()
    }
  },
  run({ inputs, config: { size }, state }) {
    if (state.gathered.length === 0) state.sinceMs = performance.now()
    state.gathered.push(inputs.Input)
    if (state.gathered.length >= size) return { Output: state.gathered.splice(0) }
  },
})
