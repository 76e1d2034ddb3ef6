/** A point on the canvas, in its units. */
export interface Point {
  x: number
  y: number
}

/** A rectangle on the canvas by its middle. */
export interface LabelBox extends Point {
  width: number
  height: number
}

/** A label that wants a place on its line. */
export interface LabelWish {
  key: string
  /** Where its line begins and ends. */
  from: Point
  to: Point
  width: number
  height: number
  /** Labels of more weight choose first. */
  weight: number
}

/** How far along its way from one end to the other a label may stand, best first: near its source, where lines are apart. */
const candidates = [0, 0.15, 0.3, 0.45, 0.6]

/**
 * Finds every label a place near where its line begins, `clear` away from there, on no other label and on nothing that is
 * `taken`. Labels that have no such place are left out; those of less weight first.
 */
export function labelPlaces(
  wishes: readonly LabelWish[],
  taken: readonly LabelBox[],
  clear: Point,
): Map<string, Point> {
  const places = new Map<string, Point>()
  const filled = [...taken]
  const inOrder = [...wishes].sort((one, other) => other.weight - one.weight || (one.key < other.key ? -1 : 1))
  for (const { key, from, to, width, height } of inOrder) {
    const box = candidates
      .map((share) => ({
        // Along the gap that its line begins in: a line leaves its node straight and bends there.
        x: from.x + clear.x + (clear.x === 0 ? (to.x - from.x) * share : 0),
        y: from.y + clear.y + (clear.y === 0 ? (to.y - from.y) * share : 0),
        width,
        height,
      }))
      .find((place) => filled.every((other) => areApart(place, other)))
    if (!box) continue
    filled.push(box)
    places.set(key, { x: box.x, y: box.y })
  }
  return places
}

/** Whether two rectangles do not overlap. */
export function areApart(one: LabelBox, other: LabelBox): boolean {
  return (
    Math.abs(one.x - other.x) >= (one.width + other.width) / 2 ||
    Math.abs(one.y - other.y) >= (one.height + other.height) / 2
  )
}
