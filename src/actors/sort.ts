import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { choice, count, text } from './fields.ts'
import { readField } from './field-path.ts'

const config = v.object({
  what: v.optional(
    choice(['array', 'stream'], 'whether each array is sorted, or messages that come a little out of order'),
    'array',
  ),
  by: v.optional(text('the field that is compared; the whole message when empty'), ''),
  order: v.optional(choice(['ascending', 'descending'], 'which comes first'), 'ascending'),
  window: v.optional(count('messages that a stream keeps back to put them in order', { least: 2, most: 100_000 }), 100),
})

/** Sorts arrays, or a stream within a window: of the messages kept back the first always goes out. At a stop the rest does. */
export const sort = defineActor({
  name: 'Sort',
  description: 'Sorts each array, or puts a stream in order within a window.',
  inports: { Input: {} },
  outports: { Output: {} },
  config,
  state: () => ({ kept: [] as unknown[] }),
  start:
    ({ state, out }) =>
    async () => {
      for (const message of state.kept.splice(0)) await out.Output.send(message)
    },
  run({ inputs: { Input: message }, config: { what, by, order, window }, state: { kept }, reject }) {
    const sign = order === 'ascending' ? 1 : -1
    const byField = (one: unknown, other: unknown) => sign * compare(readField(one, by), readField(other, by))
    if (what === 'array') {
      if (!Array.isArray(message)) return reject('it is not an array; to put a stream in order set what to "stream"')
      return { Output: [...(message as unknown[])].sort(byField) }
    }
    // Binary search for the place behind its equals, so that those keep their order.
    let from = 0
    let to = kept.length
    while (from < to) {
      const middle = (from + to) >>> 1
      if (byField(kept[middle], message) <= 0) from = middle + 1
      else to = middle
    }
    kept.splice(from, 0, message)
    if (kept.length > window) return { Output: kept.shift() }
  },
})

/** Numbers by size, anything else by its text in code units. What is missing comes last. */
function compare(one: unknown, other: unknown): number {
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined)
  if (isNumber(one) && isNumber(other)) return one < other ? -1 : Number(one > other)
  const [left, right] = [String(one), String(other)]
  return left < right ? -1 : Number(left > right)
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}
