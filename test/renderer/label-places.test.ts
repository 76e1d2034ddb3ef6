import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { areApart, labelPlaces, type LabelWish } from '../../src/renderer/view/label-places.ts'

const size = { width: 46, height: 17 }
const below = { x: 0, y: 14 }
const wish = (key: string, x: number, weight: number, toX = x): LabelWish => ({
  key,
  from: { x, y: 0 },
  to: { x: toX, y: 100 },
  ...size,
  weight,
})

describe('the labels of wires', () => {
  it('stand where their wire leaves its node', () => {
    expect(labelPlaces([wish('a', 10, 1)], [], below).get('a')).toEqual({ x: 10, y: 14 })
  })

  it('move along their wire rather than lie on another', () => {
    const places = labelPlaces([wish('a', 0, 2), wish('b', 10, 1, 200)], [], below)
    expect(places.get('a')).toEqual({ x: 0, y: 14 })
    expect(places.get('b')?.x).toBeGreaterThanOrEqual(46)
  })

  it('make way for what matters more when there is no room', () => {
    const places = labelPlaces([wish('slow', 0, 1), wish('fast', 4, 9)], [], below)
    expect([...places.keys()]).toEqual(['fast'])
  })

  it('never overlap, whatever the wires', () => {
    const spot = fc.integer({ min: -300, max: 300 })
    const point = fc.record({ x: spot, y: spot })
    const wishes = fc.array(fc.record({ from: point, to: point, weight: fc.nat(9) }), { maxLength: 30 })
    fc.assert(
      fc.property(wishes, fc.array(point, { maxLength: 8 }), (drawn, cards) => {
        const taken = cards.map((card) => ({ ...card, width: 156, height: 42 }))
        const all = drawn.map((label, index) => ({ key: `w${index}`, ...label, ...size }))
        const boxes = [...labelPlaces(all, taken, below).values()].map((place) => ({ ...place, ...size }))
        for (const [index, box] of boxes.entries())
          for (const other of [...boxes.slice(index + 1), ...taken]) expect(areApart(box, other)).toBe(true)
      }),
    )
  })
})
