import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { expression, Expressions, orReject } from './expression/expression.ts'

/** Makes each message into another by a JSONata expression; when that gives nothing, nothing is emitted. */
export const map = defineActor({
  name: 'Map',
  description: 'Makes each message into another by a JSONata expression.',
  inports: { Input: {} },
  outports: { Output: { description: 'what the expression gives; nothing when it gives nothing' } },
  config: v.object({
    expression: expression('JSONata; $ is the message and $index its number from 0, such as {"sum": a + b}'),
  }),
  state: () => ({ expressions: new Expressions(), index: 0 }),
  run: ({ inputs, config, state, reject }) =>
    orReject(reject, async () => {
      const value = await state.expressions.evaluate(config.expression, inputs.Input, { index: state.index++ })
      return value === undefined ? {} : { Output: value }
    }),
})
