import { through, type Counterparts } from './counterpart.ts'
import { text } from './flow.ts'

const unitsMs: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
}
const longestDelayMs = 86_400_000

/** What holds messages back: delay, trigger. */
export const inTime: Counterparts = {
  delay: ({ fields }) => {
    const { pauseType, rate, nbRateUnits, rateUnits, drop, allowrate } = fields
    const changed = allowrate === true ? ['messages cannot set its rate'] : []
    switch (pauseType ?? 'delay') {
      case 'delay': {
        const delayMs = durationOf(fields['timeout'], fields['timeoutUnits'])
        return delayMs === undefined ? 'it waits longer than a day' : through('Delay', { delayMs })
      }
      case 'random': {
        const least = durationOf(fields['randomFirst'], fields['randomUnits'])
        const most = durationOf(fields['randomLast'], fields['randomUnits'])
        if (least === undefined || most === undefined) return 'it waits longer than a day'
        return through(
          'Delay',
          { delayMs: Math.min(least, most), jitterMs: Math.abs(most - least) },
          'it keeps their order',
        )
      }
      case 'rate': {
        const whole = durationOf(nbRateUnits ?? 1, rateUnits)
        const messages = Number(rate)
        if (whole === undefined || !(messages > 0)) return 'its rate is not given'
        const config = { messages: 1, perMs: Math.max(1, whole / messages), excess: drop === true ? 'drop' : 'wait' }
        return { ...through('Throttle', config, ...changed), outports: ['Output', 'Dropped'] }
      }
      default:
        return `it delays in a way of its own (${text(pauseType)})`
    }
  },
  trigger: ({ fields }) => {
    const { op1type, op2type, duration, extend, units, bytopic } = fields
    const isLast = op1type === 'nul' && (op2type === 'payl' || op2type === 'pay')
    if (!isLast || (extend !== true && extend !== 'true')) return 'what it sends first and later has no counterpart'
    if (bytopic === 'topic') return 'it handles topics apart'
    const quietMs = durationOf(
      duration,
      { ms: 'millisecond', s: 'second', min: 'minute', hr: 'hour' }[String(units)] ?? 'millisecond',
    )
    if (quietMs === undefined || quietMs < 1) return 'it waits longer than a day, or not at all'
    return through('Debounce', { quietMs }, 'no message resets it')
  },
}

/** A duration in milliseconds, up to a day. */
function durationOf(amount: unknown, unit: unknown): number | undefined {
  const name = String(unit ?? 'second').replace(/s$/, '')
  const duration = Number(amount) * (Object.hasOwn(unitsMs, name) ? (unitsMs[name] ?? 1) : 1)
  return duration >= 0 && duration <= longestDelayMs ? Math.round(duration) : undefined
}
