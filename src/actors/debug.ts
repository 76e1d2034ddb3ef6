import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { inferKind, logLevels } from '../shared/index.ts'
import { count, flag, text } from './fields.ts'
import { readField } from './field-path.ts'
import { jsonOf } from './text-of.ts'

const config = v.object({
  level: v.optional(v.pipe(v.picklist(logLevels), v.description('the level of the lines')), 'info'),
  field: v.optional(text('the field that is shown; the whole message when empty'), ''),
  every: v.optional(count('shows every so many messages', { most: 1_000_000 }), 1),
  maxLength: v.optional(count('characters that are shown at most', { most: 10_000 }), 500),
  active: v.optional(flag('whether it shows anything'), true),
})

/** Shows messages in the log, with their kind. Takes all it gets and holds nothing up. */
export const debug = defineActor({
  name: 'Debug',
  description: 'Shows messages in the log, each with its number and kind.',
  inports: { Input: {} },
  config,
  state: () => ({ seen: 0 }),
  run({ inputs, config: { level, field, every, maxLength, active }, state, log }) {
    state.seen += 1
    if (!active || state.seen % every !== 0) return
    const value = readField(inputs.Input, field)
    const shown = typeof value === 'string' ? JSON.stringify(value) : jsonOf(value)
    const rest = shown.length - maxLength
    log[level](`#${state.seen} ${inferKind(value)} ${shown.slice(0, maxLength)}${rest > 0 ? `… (${rest} more)` : ''}`)
  },
})
