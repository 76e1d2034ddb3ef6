declare module 'ml-logistic-regression' {
  import type { Matrix } from 'ml-matrix'

  export default class LogisticRegression {
    constructor(options?: { numSteps?: number; learningRate?: number })
    readonly classifiers: readonly { readonly weights: Matrix }[]
    train(table: Matrix, classes: Matrix): void
  }
}
