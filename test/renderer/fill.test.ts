import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fillLevel, fillShare } from '../../src/renderer/view/fill.ts'

describe('the fill of a queue', () => {
  it.each([
    [0, 'calm'],
    [60, 'calm'],
    [61, 'warm'],
    [85, 'warm'],
    [86, 'full'],
    [100, 'full'],
  ])('is, at %i of 100, %s', (queued, level) => {
    expect(fillLevel(fillShare(queued, 100))).toBe(level)
  })

  it('never leaves 0 to 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 5000 }), fc.integer({ min: 0, max: 1024 }), (queued, capacity) => {
        const share = fillShare(queued, capacity)
        expect(share).toBeGreaterThanOrEqual(0)
        expect(share).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('is full when something waits where there is no room', () => {
    expect(fillShare(1, 0)).toBe(1)
    expect(fillShare(0, 0)).toBe(0)
  })
})
