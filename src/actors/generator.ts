import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError } from '../shared/index.ts'
import { choice, count, duration } from './fields.ts'
import { pause } from './pause.ts'
import { createRandomSource } from './random-source.ts'

const config = v.object({
  shape: v.optional(choice(['count', 'sine', 'ramp', 'square', 'walk'], 'what the numbers do'), 'count'),
  everyMs: v.optional(duration('time between two numbers; as fast as they are taken when 0', { least: 0 }), 100),
  limit: v.optional(count('numbers after which it falls silent; never when absent', { most: Number.MAX_SAFE_INTEGER })),
  period: v.optional(count('numbers of one period of sine, ramp and square', { least: 2, most: 1_000_000 }), 100),
  amplitude: v.optional(v.pipe(v.number(), v.description('how far it goes from the offset; the step of a walk')), 1),
  offset: v.optional(v.pipe(v.number(), v.description('where it begins or what it swings around')), 0),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.description('makes a walk the same every time'))),
})

/** A source of test data: counts, waves, random walks; as fast as they are taken if so wished. */
export const generator = defineActor({
  name: 'Generator',
  description: 'Emits numbers that count, swing or walk; waits while nobody takes them.',
  outports: { Output: { kind: 'float', capacity: 1 } },
  config,
  start({ config: settings, out, signal, log }) {
    const { everyMs, limit = Infinity, offset, amplitude, seed } = settings
    const chance = createRandomSource(seed)
    const emit = async () => {
      let walked = offset
      for (let index = 0; index < limit && !signal.aborted; index++) {
        if (everyMs > 0 && !(await pause(everyMs, signal))) return
        walked += amplitude * (2 * chance.next() - 1)
        // Awaited even when there is room: a source without a pace must let others have their turn.
        await out.Output.send(settings.shape === 'walk' ? walked : numberAt(index, settings))
        if (everyMs === 0 && index % 256 === 255) await new Promise((resolve) => setImmediate(resolve))
      }
    }
    emit().catch((error: unknown) => {
      if (!signal.aborted) log.error(describeError(error))
    })
  },
})

function numberAt(index: number, { shape, period, amplitude, offset }: v.InferOutput<typeof config>): number {
  const phase = (index % period) / period
  switch (shape) {
    case 'sine':
      return offset + amplitude * Math.sin(2 * Math.PI * phase)
    case 'ramp':
      return offset + amplitude * phase
    case 'square':
      return offset + (phase < 0.5 ? amplitude : -amplitude)
    default:
      return offset + index + 1
  }
}
