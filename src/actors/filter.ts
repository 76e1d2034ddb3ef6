import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { expression, Expressions, isTruthy, orReject } from './expression/expression.ts'

/** Parts messages in two by a JSONata condition. */
export const filter = defineActor({
  name: 'Filter',
  description: 'Lets messages through for which a JSONata condition is true; the others come out at Rest.',
  inports: { Input: {} },
  outports: { Output: { description: 'those that fit' }, Rest: { description: 'the others' } },
  config: v.object({ condition: expression('JSONata, such as temp > 20 and $contains(name, /^a/)') }),
  state: () => new Expressions(),
  run: ({ inputs: { Input: message }, config: { condition }, state, reject }) =>
    orReject(reject, async () =>
      isTruthy(await state.evaluate(condition, message)) ? { Output: message } : { Rest: message },
    ),
})
