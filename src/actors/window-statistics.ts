import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { count, duration, text } from './fields.ts'
import { readField } from './field-path.ts'

const config = v.object({
  field: v.optional(text('the field that holds the number; the message itself when empty'), ''),
  size: v.optional(count('how many of the newest numbers count', { most: 100_000 }), 100),
  maxAgeMs: v.optional(duration('numbers that came longer ago no longer count; however old when absent')),
  every: v.optional(count('emits after every so many numbers', { most: 1_000_000 }), 1),
})

/** Statistics of the newest numbers of a stream. */
export const windowStatistics = defineActor({
  name: 'WindowStatistics',
  description: 'Count, mean, deviation, least, greatest, median and 95th percentile of the newest numbers.',
  inports: { Input: {} },
  outports: { Output: { kind: 'object' } },
  config,
  state: () => ({ window: [] as { atMs: number; number: number }[], seen: 0 }),
  run({ inputs, config: { field, size, maxAgeMs = Infinity, every }, state, gauge, now, reject }) {
    const value = readField(inputs.Input, field)
    const number = typeof value === 'bigint' ? Number(value) : value
    if (typeof number !== 'number' || Number.isNaN(number)) return reject(`no number at "${field}"`)
    const atMs = now()
    const kept = state.window.filter((entry) => atMs - entry.atMs <= maxAgeMs)
    kept.push({ atMs, number })
    state.window = kept.slice(-size)
    state.seen += 1
    if (state.seen % every !== 0) return
    const statistics = describe(state.window.map((entry) => entry.number))
    gauge('mean', statistics.mean)
    return { Output: statistics }
  },
})

/** Describes numbers; the deviation is that of the sample (n − 1), percentiles are by nearest rank. */
function describe(numbers: readonly number[]) {
  const sorted = [...numbers].sort((one, other) => one - other)
  const total = numbers.length
  const sum = numbers.reduce((all, number) => all + number, 0)
  const mean = sum / total
  const squares = numbers.reduce((all, number) => all + (number - mean) ** 2, 0)
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * total) - 1)] ?? Number.NaN
  return {
    count: total,
    sum,
    mean,
    deviation: total > 1 ? Math.sqrt(squares / (total - 1)) : 0,
    min: rank(0),
    max: rank(1),
    median: rank(0.5),
    p95: rank(0.95),
  }
}
