import * as fc from 'fast-check'
import LogisticRegression from 'ml-logistic-regression'
import { Matrix } from 'ml-matrix'
import { expect, test } from 'vitest'
import { encodeModel, parseModel, predictRaw, type LinearModel } from '../../../src/actors/learning/linear-model.ts'
import { learnClasses } from '../../../src/actors/learning/logistic-regression.ts'
import { measureModel } from '../../../src/actors/learning/measure-model.ts'
import { trainModel, type Sample, type SampleForm } from '../../../src/actors/learning/train-model.ts'
import { createRandomSource } from '../../../src/actors/random-source.ts'

const transformation = { scale: 2, offset: 1 }

function finish<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

function randomRows(count: number, columns: number, seed: number): number[][] {
  const { next } = createRandomSource(seed)
  return Array.from({ length: count }, () => Array.from({ length: columns }, next))
}

function processed(rows: readonly number[][], labelOf: (row: number[]) => number): Sample[] {
  return rows.map((row) => ({ features: row.map((value) => value * 2 + 1), label: labelOf(row) }))
}

function formOf(task: SampleForm['task'], columns: number): SampleForm {
  return { task, transformation, feature_names: Array.from({ length: columns }, (_, index) => `f${index}`) }
}

const mean = (row: readonly number[]) => row.reduce((sum, value) => sum + value, 0) / row.length

test('finds any linear rule exactly, and predicts with raw features', () => {
  const weights = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(weights, fc.integer(), ([a = 0, b = 0, c = 0, d = 0], seed) => {
      const rule = (row: readonly number[]) => a * (row[0] ?? 0) + b * (row[1] ?? 0) + c * (row[2] ?? 0) + d
      const model = finish(trainModel(processed(randomRows(60, 3, seed), rule), formOf('regression', 3)))
      for (const row of randomRows(20, 3, seed + 1)) expect(predictRaw(model, row)).toBeCloseTo(rule(row), 6)
    }),
    { numRuns: 50 },
  )
})

test('finds the mean of ten features', () => {
  const model = finish(trainModel(processed(randomRows(100, 10, 7), mean), formOf('regression', 10)))
  for (const row of randomRows(50, 10, 8)) expect(Math.abs(predictRaw(model, row) - mean(row))).toBeLessThan(1e-9)
})

test('learns in spite of a feature that never changes and one that repeats another', () => {
  const rows = randomRows(80, 2, 3).map(([first = 0, second = 0]) => [first, second, 5, first])
  const rule = ([first = 0, second = 0]: readonly number[]) => 3 * first - second
  for (const task of ['regression', 'classification'] as const) {
    const labelOf = task === 'regression' ? rule : (row: number[]) => Number(rule(row) > 1)
    const samples = processed(rows, labelOf)
    const measured = measureModel(finish(trainModel(samples, formOf(task, 4))), samples, 'training')
    expect(measured.task === 'classification' ? measured.accuracy : measured.r2).toBeGreaterThan(0.97)
  }
})

test('stays finite when a feature tells the classes apart without error', () => {
  const samples = processed(randomRows(50, 1, 4), ([value = 0]) => Number(value > 0.5))
  const model = finish(trainModel(samples, formOf('classification', 1)))
  expect(Number.isFinite(model.coefficients[0])).toBe(true)
  expect(measureModel(model, samples, 'training')).toMatchObject({ accuracy: 1, precision: 1, recall: 1, f1_score: 1 })
})

test('finds the weights that gradient descent comes to in the end', () => {
  const { next } = createRandomSource(11)
  const rows = randomRows(60, 3, 5).map((row) => row.map((value) => (value - 0.5) * 3))
  const classes = rows.map(([a = 0, b = 0]) => Number(next() < 1 / (1 + Math.exp(-(1.5 * a - b + 0.3)))))
  const weights = finish(learnClasses(rows, classes))
  const yardstick = new LogisticRegression({ numSteps: 3000, learningRate: 1e-2 })
  yardstick.train(new Matrix(rows.map((row) => [...row, 1])), Matrix.columnVector(classes))
  // It learns one classifier per class, each against all others: the first one tells class 1 from class 0.
  const expected = yardstick.classifiers[0]?.weights.to1DArray() ?? []
  expect(expected).toHaveLength(4)
  for (const [index, weight] of weights.entries()) expect(weight).toBeCloseTo(expected[index] ?? NaN, 2)
})

test('refuses bytes that are no model, and says why', () => {
  const model: LinearModel = {
    task: 'regression',
    feature_names: ['a', 'b'],
    coefficients: [1, 2],
    intercept: 0,
    preprocessing: { ...transformation, mean: [0, 0], deviation: [1, 1] },
  }
  expect(parseModel(encodeModel(model), 'm1')).toEqual(model)
  const short = { ...model, coefficients: [1] }
  expect(() => parseModel(encodeModel(short), 'm1')).toThrow(/model "m1".*one length/)
  expect(() => parseModel(new Uint8Array([255, 1]), 'm1')).toThrow('model "m1" is not JSON')
  expect(() => parseModel(new TextEncoder().encode('{}'), 'm1')).toThrow(/model "m1".*task/)
})

test('measures classes by hits, false alarms and misses', () => {
  const model: LinearModel = {
    task: 'classification',
    feature_names: ['a'],
    coefficients: [1],
    intercept: 0,
    preprocessing: { scale: 1, offset: 0, mean: [0], deviation: [1] },
  }
  const samples = [
    [1, 1],
    [2, 1],
    [-1, 1],
    [-2, 1],
    [1, 0],
    [-1, 0],
    [-2, 0],
    [-3, 0],
  ].map(([feature = 0, label = 0]) => ({ features: [feature], label }))
  expect(measureModel(model, samples, 'holdout')).toEqual({
    task: 'classification',
    accuracy: 5 / 8,
    precision: 2 / 3,
    recall: 1 / 2,
    f1_score: expect.closeTo(4 / 7, 12),
    samples: 8,
    measured_on: 'holdout',
  })
})

test('gives a regression that only knows the mean an R² of 0', () => {
  const model: LinearModel = {
    task: 'regression',
    feature_names: ['a'],
    coefficients: [0],
    intercept: 2,
    preprocessing: { scale: 1, offset: 0, mean: [0], deviation: [1] },
  }
  const samples = [1, 2, 3].map((label) => ({ features: [label], label }))
  expect(measureModel(model, samples, 'holdout')).toMatchObject({ mse: 2 / 3, mae: 2 / 3, r2: 0 })
})
