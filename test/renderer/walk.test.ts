import { describe, expect, it } from 'vitest'
import { nextBox, nextLine } from '../../src/renderer/view/walk.ts'

const box = (key: string, x: number, y: number) => ({ key, x, y, width: 100, height: 40 })
const boxes = [box('source', 0, 0), box('near', 0, 100), box('wired', 150, 110), box('far', 600, 0)]
const lines = [
  { key: 'wire', from: 'source', to: 'wired' },
  { key: 'link', from: 'wired', to: 'far' },
]

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

  it('goes through the wires of a box, and from a wire to what is at its ends', () => {
    expect(nextLine(lines, 'wired', undefined, 1)).toBe('wire')
    expect(nextLine(lines, 'wired', 'wire', 1)).toBe('link')
    expect(nextLine(lines, 'wired', 'wire', -1)).toBe('link')
    expect(nextLine(lines, 'near', undefined, 1)).toBeUndefined()
    expect(nextBox(boxes, lines, 'link', 'left')).toBe('wired')
    expect(nextBox(boxes, lines, 'link', 'down')).toBe('far')
  })

  it('stays where there is nothing that way, and begins at the first box', () => {
    expect(nextBox(boxes, lines, 'far', 'right')).toBeUndefined()
    expect(nextBox(boxes, lines, 'gone', 'right')).toBe('source')
  })
})
