/** Mean and deviation of each column. A column that never changes has the deviation 1, so that it can be divided by. */
export interface ColumnStatistics {
  readonly mean: number[]
  readonly deviation: number[]
}

/** Measures the columns of a table whose rows are of one length. */
export function measureColumns(rows: readonly (readonly number[])[]): ColumnStatistics {
  const columns = (rows[0] ?? []).map((_, index) => rows.map((row) => row[index] ?? NaN))
  const mean = columns.map((column) => sum(column) / column.length)
  const deviation = columns.map((column, index) => {
    const centre = mean[index] ?? NaN
    return Math.sqrt(sum(column.map((value) => (value - centre) ** 2)) / column.length)
  })
  // Rounding leaves a constant column a deviation of about 1e-16 of its size.
  const isConstant = (index: number) => (deviation[index] ?? 0) <= 1e-12 * Math.max(1, Math.abs(mean[index] ?? 0))
  return { mean, deviation: deviation.map((value, index) => (isConstant(index) ? 1 : value)) }
}

/** The table with every column centred on 0 and of deviation 1. */
export function standardise(rows: readonly (readonly number[])[], { mean, deviation }: ColumnStatistics): number[][] {
  return rows.map((row) => row.map((value, index) => (value - (mean[index] ?? NaN)) / (deviation[index] ?? NaN)))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
