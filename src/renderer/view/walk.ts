/** A box that can be walked to; places are those of the canvas. */
export interface WalkBox {
  key: string
  x: number
  y: number
  width: number
  height: number
}

/** A line between two boxes. */
export interface WalkLine {
  key: string
  from: string
  to: string
}

export type WalkDirection = 'left' | 'right' | 'up' | 'down'

/** A box that a line leads to counts as if it were this much nearer: arrows walk along wires where there are some. */
const wireBonus = 0.45

/** The nearest box in a direction, preferring what a line leads to; from a line, the box at that end. `undefined` when there is none that way. */
export function nextBox(
  boxes: readonly WalkBox[],
  lines: readonly WalkLine[],
  from: string,
  direction: WalkDirection,
): string | undefined {
  const here = boxes.find(({ key }) => key === from)
  const own = lines.find(({ key }) => key === from)
  if (own) return direction === 'left' || direction === 'up' ? own.from : own.to
  if (!here) return boxes[0]?.key
  const joined = new Set(
    lines.flatMap((line) => (line.from === from ? [line.to] : line.to === from ? [line.from] : [])),
  )
  let best: { key: string; cost: number } | undefined
  for (const box of boxes) {
    if (box.key === from) continue
    const across = box.x + box.width / 2 - (here.x + here.width / 2)
    const down = box.y + box.height / 2 - (here.y + here.height / 2)
    const [ahead, aside] =
      direction === 'left' || direction === 'right'
        ? [direction === 'right' ? across : -across, Math.abs(down)]
        : [direction === 'down' ? down : -down, Math.abs(across)]
    // More aside than ahead belongs to another direction.
    if (ahead <= 1 || aside > ahead * 2.5 + here.height) continue
    const cost = (ahead + aside * 2) * (joined.has(box.key) ? wireBonus : 1)
    if (!best || cost < best.cost) best = { key: box.key, cost }
  }
  return best?.key
}

/** The line after this one among those of a box, or the one before, and around the end; without one, the first or the last. */
export function nextLine(
  lines: readonly WalkLine[],
  box: string,
  current: string | undefined,
  step: 1 | -1,
): string | undefined {
  const own = lines.filter(({ from, to }) => from === box || to === box)
  const place = own.findIndex(({ key }) => key === current)
  const next = place < 0 ? (step === 1 ? 0 : own.length - 1) : (place + step + own.length) % own.length
  return own[next]?.key
}
