import { Matrix, solve } from 'ml-matrix'
import { sigmoid } from './linear-model.ts'

/** Keeps the weights finite when the classes can be told apart without error, and the equations solvable when columns repeat. */
const ridge = 1e-3
const mostSteps = 30
const closeEnough = 1e-8
const leastCurvature = 1e-9

/**
 * Learns to tell two classes apart (maximum likelihood, by Newton's method). A generator: it yields after each step, so that its
 * caller may let others run. Returns one weight per column and then the intercept. Rows are to be standardised.
 *
 * `ml-logistic-regression` follows the gradient instead: on 1,177 days of weather it needs 2,000 steps and 870 ms in one piece
 * for the weights that seven steps of 1 ms find here, and it has no intercept.
 */
export function* learnClasses(
  rows: readonly (readonly number[])[],
  classes: readonly number[],
): Generator<void, number[]> {
  const table = new Matrix(rows.map((row) => [...row, 1]))
  const transposed = table.transpose()
  const weights = Matrix.zeros(table.columns, 1)
  for (let step = 0; step < mostSteps; step += 1) {
    const change = newtonStep(table, transposed, classes, weights)
    weights.add(change)
    if (change.norm() < closeEnough) break
    yield
  }
  return weights.to1DArray()
}

function newtonStep(table: Matrix, transposed: Matrix, classes: readonly number[], weights: Matrix): Matrix {
  const probabilities = table.mmul(weights).to1DArray().map(sigmoid)
  const weighted = table.clone()
  for (const [row, probability] of probabilities.entries())
    weighted.mulRow(row, Math.max(probability * (1 - probability), leastCurvature))
  const errors = probabilities.map((probability, row) => (classes[row] ?? NaN) - probability)
  const curvature = transposed.mmul(weighted).add(Matrix.eye(table.columns).mul(ridge))
  const slope = transposed.mmul(Matrix.columnVector(errors)).sub(Matrix.mul(weights, ridge))
  return solve(curvature, slope)
}
