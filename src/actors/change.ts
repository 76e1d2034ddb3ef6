import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { expression, Expressions, orReject } from './expression/expression.ts'
import { readField, removeField, writeField } from './field-path.ts'
import { text } from './fields.ts'

const rule = v.union([
  v.object({
    set: text('the field to set, such as reading.unit'),
    to: v.pipe(v.unknown(), v.description('the value it gets')),
  }),
  v.object({ set: text('the field to set'), by: expression('JSONata that gives its value') }),
  v.object({ remove: text('the field to remove') }),
  v.object({ move: text('the field to move'), to: text('where to') }),
])

const config = v.object({
  rules: v.pipe(
    v.array(rule),
    v.minLength(1),
    v.maxLength(100),
    v.description('what is done to each message, in this order: {set, to}, {set, by}, {remove} or {move, to}'),
  ),
})

/** Changes fields of messages: sets, removes, moves. What comes in stays as it is; a changed copy goes out. */
export const change = defineActor({
  name: 'Change',
  description: 'Sets, removes and moves fields of each message.',
  inports: { Input: { kind: 'object' } },
  outports: { Output: { kind: 'object' } },
  config,
  state: () => new Expressions(),
  run: ({ inputs: { Input: message = {} }, config: { rules }, state, reject }) =>
    orReject(reject, async () => {
      let changed = message
      for (const step of rules) {
        if ('remove' in step) changed = removeField(changed, step.remove)
        else if ('move' in step)
          changed = writeField(removeField(changed, step.move), step.to, readField(changed, step.move))
        else if ('by' in step) changed = writeField(changed, step.set, await state.evaluate(step.by, changed))
        else changed = writeField(changed, step.set, step.to)
      }
      return { Output: changed }
    }),
})
