import { Cron } from 'croner'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError } from '../shared/index.ts'
import { text } from './fields.ts'

const fault = (pattern: string, timezone?: string) => {
  try {
    new Cron(pattern, { paused: true, ...(timezone !== undefined && { timezone }) }).nextRun()
    return undefined
  } catch (error) {
    return describeError(error)
  }
}

const config = v.pipe(
  v.object({
    pattern: v.pipe(
      v.string(),
      v.rawCheck(({ dataset, addIssue }) => {
        const problem = dataset.typed ? fault(dataset.value) : undefined
        if (problem !== undefined) addIssue({ message: `not a cron pattern: ${problem}` })
      }),
      v.description(
        'minute, hour, day, month, weekday, with seconds in front if there are six: */10 * * * * * is every 10 s',
      ),
    ),
    timezone: v.optional(text('such as Europe/Berlin; that of the machine when absent')),
    value: v.optional(v.pipe(v.unknown(), v.description('what it emits; {scheduledAt, count} when absent'))),
  }),
  v.forward(
    v.partialCheck(
      [['timezone']],
      ({ timezone }) => timezone === undefined || fault('* * * * *', timezone) === undefined,
      'expected a time zone such as Europe/Berlin',
    ),
    ['timezone'],
  ),
)

/** A source: emits at the times of a cron pattern (by `croner`). A time that comes while the last message still waits is skipped. */
export const cron = defineActor({
  name: 'Cron',
  description: 'Emits at the times of a cron pattern; times that come while nobody takes its messages are skipped.',
  outports: { Output: { capacity: 1 } },
  config,
  state: () => ({ count: 0, skipped: 0 }),
  start({ config: { pattern, timezone, value }, state, out, log, gauge, signal }) {
    let isWaiting = false
    const emit = async (scheduledAt: Date | null) => {
      if (isWaiting) {
        state.skipped += 1
        return gauge('skipped', state.skipped)
      }
      isWaiting = true
      state.count += 1
      try {
        await out.Output.send(value ?? { scheduledAt: (scheduledAt ?? new Date()).toISOString(), count: state.count })
      } finally {
        isWaiting = false
      }
    }
    const job = new Cron(pattern, { ...(timezone !== undefined && { timezone }) }, (self: Cron) => {
      emit(self.currentRun()).catch((error: unknown) => {
        if (!signal.aborted) log.error(describeError(error))
      })
    })
    return () => job.stop()
  },
})
