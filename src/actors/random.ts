import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { choice } from './fields.ts'
import { createRandomSource, type RandomSource } from './random-source.ts'

const config = v.object({
  what: v.optional(choice(['uniform', 'integer', 'normal', 'uuid', 'choice'], 'which kind of chance'), 'uniform'),
  min: v.optional(v.pipe(v.number(), v.description('from here, with uniform and integer')), 0),
  max: v.optional(v.pipe(v.number(), v.description('to here: without it for uniform, with it for integer')), 1),
  mean: v.optional(v.pipe(v.number(), v.description('the mean, with normal')), 0),
  deviation: v.optional(v.pipe(v.number(), v.minValue(0), v.description('the standard deviation, with normal')), 1),
  choices: v.optional(v.pipe(v.array(v.unknown()), v.minLength(1), v.description('what is chosen from, with choice')), [
    true,
    false,
  ]),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.description('makes the sequence the same every time'))),
})

/** Emits something random for each message. Not for secrets, except `uuid` without a seed. */
export const random = defineActor({
  name: 'Random',
  description: 'Emits a random number, id or choice for each message.',
  inports: { Trigger: {} },
  outports: { Output: {} },
  config,
  state: ({ seed }) => createRandomSource(seed),
  run: ({ config: settings, state }) => ({ Output: draw(settings, state) }),
})

function draw(
  { what, min, max, mean, deviation, choices }: v.InferOutput<typeof config>,
  source: RandomSource,
): unknown {
  switch (what) {
    case 'integer':
      return Math.floor(min + source.next() * (max - min + 1))
    case 'normal':
      // Box and Muller; 1 − x keeps the logarithm finite.
      return mean + deviation * Math.sqrt(-2 * Math.log(1 - source.next())) * Math.cos(2 * Math.PI * source.next())
    case 'uuid':
      return source.uuid()
    case 'choice':
      return choices[Math.floor(source.next() * choices.length)]
    default:
      return min + source.next() * (max - min)
  }
}
