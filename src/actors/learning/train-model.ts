import MultivariateLinearRegression from 'ml-regression-multivariate-linear'
import type { Task, Transformation } from '../payloads.ts'
import type { LinearModel } from './linear-model.ts'
import { learnClasses } from './logistic-regression.ts'
import { measureColumns, standardise } from './standardise.ts'

/** One thing to learn from: processed features and what they should lead to. */
export interface Sample {
  readonly features: readonly number[]
  readonly label: number
}

/** What all samples of a training have in common. */
export interface SampleForm {
  readonly task: Task
  readonly feature_names: readonly string[]
  readonly transformation: Transformation
}

/** Learns a model. Yields between slices of a few milliseconds, so that its caller may let others run; returns the model. */
export function* trainModel(samples: readonly Sample[], form: SampleForm): Generator<void, LinearModel> {
  const rows = samples.map((sample) => sample.features)
  const labels = samples.map((sample) => sample.label)
  const statistics = measureColumns(rows)
  const table = standardise(rows, statistics)
  yield
  const weights = form.task === 'classification' ? yield* learnClasses(table, labels) : learnNumbers(table, labels)
  return {
    task: form.task,
    feature_names: [...form.feature_names],
    coefficients: weights.slice(0, -1),
    intercept: weights.at(-1) ?? 0,
    preprocessing: { ...form.transformation, mean: statistics.mean, deviation: statistics.deviation },
  }
}

function learnNumbers(table: number[][], labels: readonly number[]): number[] {
  const columns = labels.map((label) => [label])
  return new MultivariateLinearRegression(table, columns, { statistics: false }).weights.map(([weight = 0]) => weight)
}
