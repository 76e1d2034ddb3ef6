import { describe, expect, it } from 'vitest'
import { benches } from '../../../src/lab/index.ts'
import { median, quantile } from '../../../src/lab/bench/sampling.ts'

describe('figures of a bench', () => {
  it('have their middle one, or what lies between two', () => {
    expect(median([5, 1, 9])).toBe(5)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(quantile([10, 20, 30, 40, 50], 0.99)).toBeCloseTo(49.6)
    expect(median([])).toBeNaN()
  })

  it('come from benches that each have a name of their own', () => {
    const names = benches.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(
      expect.arrayContaining(['chain', 'mixed', 'mixed-handles', 'fanout', 'fanin', 'async', 'latency', 'spawn']),
    )
  })
})
