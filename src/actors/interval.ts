import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError } from '../shared/index.ts'

const longestTimerMs = 2_147_483_647

const config = v.object({
  intervalMs: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(longestTimerMs)), 1000),
  /** Messages after which it falls silent; never when absent. */
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** What each message says: `"count"` for 1, 2, 3 …, else the value itself. */
  value: v.optional(v.unknown(), true),
})

/** A source: emits every `intervalMs`. Waits while its wires are full, and then goes on from there instead of catching up. */
export const interval = defineActor({
  name: 'Interval',
  description: 'Emits a message every so many milliseconds; waits while nobody takes them.',
  // A tick that waits is enough: nobody wants a thousand old ones.
  outports: { Output: { capacity: 1, description: 'true, or the value that the config gives, or a count' } },
  config,
  start({ config: { intervalMs, limit = Infinity, value }, out, signal, log }) {
    let count = 0
    // Not the wall clock, which may be set back.
    let dueMs = performance.now() + intervalMs
    let timer = setTimeout(tick, intervalMs)

    async function emit() {
      count += 1
      await out.Output.send(value === 'count' ? count : value)
      if (signal.aborted || count >= limit) return
      // Timers fire up to a millisecond late: aiming at the next due time keeps the rate true.
      dueMs = Math.max(dueMs + intervalMs, performance.now())
      timer = setTimeout(tick, Math.max(0, dueMs - performance.now()))
    }
    function tick() {
      emit().catch((error: unknown) => {
        if (!signal.aborted) log.error(`the interval stops: ${describeError(error)}`)
      })
    }
    return () => clearTimeout(timer)
  },
})
