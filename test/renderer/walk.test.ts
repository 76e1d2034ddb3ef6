import { describe, expect, it } from 'vitest'
import { nextBox } from '../../src/renderer/view/walk.ts'

const box = (key: string, x: number, y: number) => ({ key, x, y, width: 100, height: 40 })
const boxes = [box('source', 0, 0), box('near', 0, 100), box('wired', 150, 110), box('far', 600, 0)]
const lines = [{ from: 'source', to: 'wired' }]

describe('walking on the canvas', () => {
  it('goes to the nearest box of a direction', () => {
    expect(nextBox(boxes, [], 'source', 'down')).toBe('near')
    expect(nextBox(boxes, [], 'near', 'up')).toBe('source')
    expect(nextBox(boxes, [], 'near', 'right')).toBe('wired')
  })

  it('follows a wire before it goes to what is as near', () => {
    expect(nextBox(boxes, lines, 'source', 'right')).toBe('wired')
    expect(nextBox(boxes, lines, 'wired', 'left')).toBe('source')
  })

  it('stays where there is nothing that way, and begins at the first box', () => {
    expect(nextBox(boxes, lines, 'far', 'right')).toBeUndefined()
    expect(nextBox(boxes, lines, 'gone', 'right')).toBe('source')
  })
})
