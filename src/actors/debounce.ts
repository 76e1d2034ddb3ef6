import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError } from '../shared/index.ts'
import { duration } from './fields.ts'

/** Waits until nothing more comes and then emits the last message; those before it come out at `Dropped`. */
export const debounce = defineActor({
  name: 'Debounce',
  description: 'Emits the last message once nothing has come for a while.',
  inports: { Input: {} },
  outports: { Output: {}, Dropped: { description: 'messages that another followed too soon' } },
  config: v.object({ quietMs: v.optional(duration('how long nothing has to come'), 250) }),
  state: () => ({ held: [] as unknown[], timer: undefined as NodeJS.Timeout | undefined, emit: () => {} }),
  start({ state, out, log }) {
    const flush = async () => {
      clearTimeout(state.timer)
      if (state.held.length > 0) await out.Output.send(state.held.pop())
    }
    state.emit = () => void flush().catch((error: unknown) => log.error(describeError(error)))
    return flush
  },
  run({ inputs, config: { quietMs }, state }) {
    const before = state.held.splice(0)
    state.held.push(inputs.Input)
    clearTimeout(state.timer)
    state.timer = setTimeout(state.emit, quietMs)
    return before.length > 0 ? { Dropped: before[0] } : undefined
  },
})
