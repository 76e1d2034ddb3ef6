import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { expression, Expressions, isTruthy, orReject } from './expression/expression.ts'
import { choice } from './fields.ts'

const ports = ['Case1', 'Case2', 'Case3', 'Case4', 'Case5', 'Case6', 'Case7', 'Case8'] as const

const config = v.object({
  cases: v.pipe(
    v.array(expression('JSONata condition')),
    v.minLength(1),
    v.maxLength(ports.length),
    v.description('conditions in JSONata; the first belongs to Case1, and so on up to eight'),
  ),
  match: v.optional(
    choice(['first', 'all'], 'whether a message goes to the first case that fits or to all of them'),
    'first',
  ),
})

/** Sends each message to the port of the case that it fits. */
export const switchActor = defineActor({
  name: 'Switch',
  description: 'Sends each message to the first of up to eight cases that it fits, or to all; the rest to Else.',
  inports: { Input: {} },
  outports: { Case1: {}, Case2: {}, Case3: {}, Case4: {}, Case5: {}, Case6: {}, Case7: {}, Case8: {}, Else: {} },
  config,
  state: () => new Expressions(),
  run: ({ inputs: { Input: message }, config: { cases, match }, state, reject }) =>
    orReject(reject, async () => {
      const outputs: Partial<Record<(typeof ports)[number], unknown>> = {}
      for (const [index, condition] of cases.entries()) {
        const port = ports[index]
        if (port === undefined || !isTruthy(await state.evaluate(condition, message))) continue
        outputs[port] = message
        if (match === 'first') break
      }
      return Object.keys(outputs).length > 0 ? outputs : { Else: message }
    }),
})
