import type { Box, Place } from './draft-layout.ts'
import { onGrid } from './draft-layout.ts'

/** The ways in which marked nodes can be brought into line. */
export const alignments = ['left', 'centre', 'right', 'top', 'middle', 'bottom', 'across', 'down'] as const
export type Alignment = (typeof alignments)[number]

/** What each of them does, as a menu says it. */
export const alignmentTitles: Record<Alignment, string> = {
  left: 'Align left',
  centre: 'Align centres',
  right: 'Align right',
  top: 'Align top',
  middle: 'Align middles',
  bottom: 'Align bottom',
  across: 'Distribute across',
  down: 'Distribute down',
}

/** Where boxes go when they are brought into line; `across` and `down` make the gaps between them equal. */
export function aligned(boxes: ReadonlyMap<string, Box>, how: Alignment): Map<string, Place> {
  const all = [...boxes.values()]
  const least = (of: (box: Box) => number) => Math.min(...all.map(of))
  const most = (of: (box: Box) => number) => Math.max(...all.map(of))
  const middle = (of: (box: Box) => number, size: (box: Box) => number) =>
    (least(of) + most((box) => of(box) + size(box))) / 2
  const across = (box: Box) => box.x
  const down = (box: Box) => box.y
  const width = (box: Box) => box.width
  const height = (box: Box) => box.height
  const place = (to: (box: Box) => Partial<Place>) =>
    new Map([...boxes].map(([id, box]) => [id, { x: box.x, y: box.y, ...to(box) }]))
  switch (how) {
    case 'left':
      return place(() => ({ x: least(across) }))
    case 'right':
      return place((box) => ({ x: most((other) => other.x + other.width) - box.width }))
    case 'centre':
      return place((box) => ({ x: onGrid(middle(across, width) - box.width / 2) }))
    case 'top':
      return place(() => ({ y: least(down) }))
    case 'bottom':
      return place((box) => ({ y: most((other) => other.y + other.height) - box.height }))
    case 'middle':
      return place((box) => ({ y: onGrid(middle(down, height) - box.height / 2) }))
    case 'across':
      return spread(boxes, across, width, (x, { y }) => ({ x, y }))
    case 'down':
      return spread(boxes, down, height, (y, { x }) => ({ x, y }))
  }
}

function spread(
  boxes: ReadonlyMap<string, Box>,
  at: (box: Box) => number,
  size: (box: Box) => number,
  place: (along: number, box: Box) => Place,
): Map<string, Place> {
  const inOrder = [...boxes].toSorted(([, one], [, other]) => at(one) - at(other))
  const [first] = inOrder
  const last = inOrder.at(-1)
  if (!first || !last) return new Map()
  const room = at(last[1]) + size(last[1]) - at(first[1])
  const used = inOrder.reduce((sum, [, box]) => sum + size(box), 0)
  const gap = inOrder.length > 1 ? (room - used) / (inOrder.length - 1) : 0
  let along = at(first[1])
  return new Map(
    inOrder.map(([id, box]) => {
      const placed = place(Math.round(along), box)
      along += size(box) + gap
      return [id, placed]
    }),
  )
}
