import { describe, expect, it } from 'vitest'
import { LimitWatch } from '../../src/renderer/view/limit-watch.ts'
import { placeCard } from '../../src/renderer/view/tour-place.ts'

describe('a limit', () => {
  const limit = { above: 10, forSeconds: 2 }
  const watchOf = () => {
    const limits = new LimitWatch()
    return (nowSeconds: number, values: Record<string, number>) =>
      limits.crossed('queued', limit, Object.entries(values), nowSeconds * 1_000).map(({ key }) => key)
  }

  it('is told once, when it has been crossed for long enough', () => {
    const at = watchOf()
    expect(at(0, { 'queued a': 11, 'queued b': 10 })).toEqual([])
    expect(at(1, { 'queued a': 12, 'queued b': 11 })).toEqual([])
    expect(at(2, { 'queued a': 11, 'queued b': 11 })).toEqual(['queued a'])
    expect(at(3, { 'queued a': 11, 'queued b': 11 })).toEqual(['queued b'])
    expect(at(9, { 'queued a': 11, 'queued b': 11 })).toEqual([])
  })

  it('is told again after it has come down, or its value was gone', () => {
    const at = watchOf()
    at(0, { 'queued a': 11 })
    expect(at(2, { 'queued a': 11 })).toEqual(['queued a'])
    at(3, {})
    expect(at(4, { 'queued a': 11 })).toEqual([])
    expect(at(6, { 'queued a': 11 })).toEqual(['queued a'])
  })
})

describe('the card of the tour', () => {
  const screen = { width: 1280, height: 800 }
  const card = { width: 340, height: 190 }

  it('stands beside what it points at, and always whole on screen', () => {
    expect(placeCard({ left: 44, top: 46, width: 258, height: 700 }, card, screen)).toEqual({ left: 314, top: 46 })
    for (const target of [
      undefined,
      { left: 0, top: 0, width: 1280, height: 800 },
      { left: 1200, top: 780, width: 80, height: 20 },
    ]) {
      const { left, top } = placeCard(target, card, screen)
      expect(left >= 0 && top >= 0 && left + card.width <= 1280 && top + card.height <= 800).toBe(true)
    }
  })
})
