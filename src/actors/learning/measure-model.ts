import type { ModelMetrics } from '../payloads.ts'
import { predictProcessed, type LinearModel } from './linear-model.ts'
import type { Sample } from './train-model.ts'

type MeasuredOn = ModelMetrics['measured_on']

/** Measures how well a model predicts samples. There must be at least one. */
export function measureModel(model: LinearModel, samples: readonly Sample[], measured_on: MeasuredOn): ModelMetrics {
  const predictions = samples.map((sample) => predictProcessed(model, sample.features))
  const labels = samples.map((sample) => sample.label)
  const figures = { samples: samples.length, measured_on }
  switch (model.task) {
    case 'classification':
      return { task: 'classification', ...measureClasses(predictions, labels), ...figures }
    case 'regression':
      return { task: 'regression', ...measureNumbers(predictions, labels), ...figures }
  }
}

/** The figure by which models of one task are compared; more is better. */
export function scoreOf(metrics: ModelMetrics): number {
  switch (metrics.task) {
    case 'classification':
      return metrics.accuracy
    case 'regression':
      return metrics.r2
  }
}

/** The name and text of that figure. */
export function describeScore(metrics: ModelMetrics): string {
  return metrics.task === 'classification' ? `accuracy ${metrics.accuracy.toFixed(3)}` : `R² ${metrics.r2.toFixed(5)}`
}

/** The figures of a model by name, as gauges show them. */
export function gaugesOf(metrics: ModelMetrics): Readonly<Record<string, number>> {
  return metrics.task === 'classification' ? { accuracy: metrics.accuracy, f1: metrics.f1_score } : { r2: metrics.r2 }
}

function measureClasses(probabilities: readonly number[], labels: readonly number[]) {
  const count = (predicted: number, actual: number) =>
    labels.filter((label, index) => label === actual && Number((probabilities[index] ?? NaN) >= 0.5) === predicted)
      .length
  const hits = count(1, 1)
  const falseAlarms = count(1, 0)
  const misses = count(0, 1)
  const precision = ratio(hits, hits + falseAlarms)
  const recall = ratio(hits, hits + misses)
  return {
    accuracy: ratio(hits + count(0, 0), labels.length),
    precision,
    recall,
    f1_score: ratio(2 * precision * recall, precision + recall),
  }
}

function measureNumbers(predictions: readonly number[], labels: readonly number[]) {
  const errors = labels.map((label, index) => label - (predictions[index] ?? NaN))
  const mean = average(labels)
  const mse = average(errors.map((error) => error ** 2))
  const spread = average(labels.map((label) => (label - mean) ** 2))
  // Where all labels are alike there is no spread to explain: a model is right, or worth nothing.
  const r2 = spread > 0 ? 1 - mse / spread : Number(mse === 0)
  return { mse, mae: average(errors.map(Math.abs)), r2 }
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
