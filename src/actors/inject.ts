import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError } from '../shared/index.ts'
import { count, duration, flag } from './fields.ts'
import { pause } from './pause.ts'

const config = v.object({
  value: v.optional(v.pipe(v.unknown(), v.description('what it emits')), true),
  atStart: v.optional(flag('whether it emits when the network starts'), true),
  afterMs: v.optional(duration('how long after the start', { least: 0 }), 0),
  times: v.optional(count('how often, one after the other', { most: 1_000_000 }), 1),
})

/** Emits a value at the start, and for every message at `Trigger`. */
export const inject = defineActor({
  name: 'Inject',
  description: 'Emits a value once (or so many times) at the start, and whenever it is triggered.',
  inports: { Trigger: {} },
  outports: { Output: { capacity: 1 } },
  config,
  start({ config: { value, atStart, afterMs, times }, out, signal, log }) {
    if (!atStart) return
    const emit = async () => {
      if (!(await pause(afterMs, signal))) return
      for (let sent = 0; sent < times && !signal.aborted; sent++) await out.Output.send(value)
    }
    emit().catch((error: unknown) => log.error(describeError(error)))
  },
  run: ({ config: { value } }) => ({ Output: value }),
})
