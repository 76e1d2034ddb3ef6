import * as v from 'valibot'
import { MillraceError } from '../../shared/index.ts'
import { tasks, transformationSchema } from '../payloads.ts'

const finite = v.pipe(v.number(), v.finite())

const linearModelSchema = v.pipe(
  v.object({
    task: v.picklist(tasks),
    feature_names: v.array(v.string()),
    /** Weights of the standardised features. */
    coefficients: v.pipe(v.array(finite), v.minLength(1)),
    intercept: finite,
    /** The way from a raw feature to a standardised one: `(raw * scale + offset - mean) / deviation`. */
    preprocessing: v.object({
      ...transformationSchema.entries,
      mean: v.array(finite),
      deviation: v.array(v.pipe(finite, v.gtValue(0))),
    }),
  }),
  v.check(
    ({ coefficients: { length }, feature_names: names, preprocessing: { mean, deviation } }) =>
      mean.length === length && deviation.length === length && names.length === length,
    'coefficients, names, means and deviations must be of one length',
  ),
)

/** Everything needed to predict from raw features: what `model_data` of a trained model holds, as JSON. */
export type LinearModel = v.InferOutput<typeof linearModelSchema>

/** The bytes of a model. */
export function encodeModel(model: LinearModel): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(model))
}

/** Reads the bytes of a model; `name` names it in errors. Throws `MESSAGE_INVALID`. */
export function parseModel(bytes: Uint8Array, name: string): LinearModel {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new MillraceError('MESSAGE_INVALID', `the data of model "${name}" is not JSON`, { cause })
  }
  const parsed = v.safeParse(linearModelSchema, json)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw new MillraceError(
    'MESSAGE_INVALID',
    `the data of model "${name}" is not a linear model: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`,
  )
}

/** Predicts from raw features: a number, or the probability of class 1. The model says how many features it takes. */
export function predictRaw(model: LinearModel, features: readonly number[]): number {
  const { scale, offset } = model.preprocessing
  return predictProcessed(
    model,
    features.map((feature) => feature * scale + offset),
  )
}

/** The same from features that the processor has already transformed. */
export function predictProcessed(model: LinearModel, features: readonly number[]): number {
  const { mean, deviation } = model.preprocessing
  let score = model.intercept
  for (const [index, coefficient] of model.coefficients.entries())
    score += (coefficient * ((features[index] ?? NaN) - (mean[index] ?? NaN))) / (deviation[index] ?? NaN)
  return model.task === 'classification' ? sigmoid(score) : score
}

/** The logistic function, from a score to a probability. */
export function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score))
}
