import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { filePath } from './access.ts'
import { predictionRequestSchema } from './payloads.ts'
import { createRandomSource, type RandomSource } from './random-source.ts'
import { readWeatherDays, type WeatherDay } from './weather-days.ts'

const config = v.pipe(
  v.object({
    /** `random`: uniform features; `weather`: days drawn from `file`. */
    source: v.optional(v.picklist(['random', 'weather']), 'random'),
    file: v.optional(filePath()),
    feature_count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)), 10),
    /** Makes the requests the same every time. */
    seed: v.optional(v.pipe(v.number(), v.integer())),
  }),
  v.forward(
    v.partialCheck(
      [['source'], ['file']],
      ({ source, file }) => source !== 'weather' || file !== undefined,
      'source "weather" needs a file',
    ),
    ['file'],
  ),
)

/** A load generator: asks for one prediction per trigger, of random features or of a day drawn from a weather file. */
export const requestSource = defineActor({
  name: 'RequestSource',
  description: 'Asks for one prediction per trigger.',
  inports: { Trigger: { capacity: 100 } },
  outports: { PredictionRequest: { kind: 'object', capacity: 50, schema: predictionRequestSchema } },
  config,
  state: ({ seed }) => ({
    random: createRandomSource(seed),
    days: undefined as readonly WeatherDay[] | undefined,
  }),
  async start({ config: { source, file }, state }) {
    if (source === 'weather' && file !== undefined) state.days = await readWeatherDays(file)
  },
  run({ config: { feature_count }, state }) {
    const features = pickFeatures(state.days, feature_count, state.random)
    return { PredictionRequest: { request_id: state.random.uuid(), features } }
  },
})

function pickFeatures(days: readonly WeatherDay[] | undefined, count: number, random: RandomSource): number[] {
  const day = days?.[Math.floor(random.next() * days.length)]
  return day === undefined ? Array.from({ length: count }, random.next) : [...day.features]
}
