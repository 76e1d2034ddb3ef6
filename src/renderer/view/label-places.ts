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
  const filled = new BoxGrid(taken)
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
      .find((place) => filled.isFree(place))
    if (!box) continue
    filled.add(box)
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

/** Rectangles by the cells of a grid, so that a label is held against its neighbours alone: canvases have hundreds of both. */
class BoxGrid {
  readonly #cells = new Map<string, LabelBox[]>()

  constructor(boxes: readonly LabelBox[]) {
    for (const box of boxes) this.add(box)
  }

  add(box: LabelBox): void {
    for (const cell of cellsOf(box)) {
      const boxes = this.#cells.get(cell)
      if (boxes) boxes.push(box)
      else this.#cells.set(cell, [box])
    }
  }

  /** Whether a rectangle would lie on none of those added. */
  isFree(box: LabelBox): boolean {
    return cellsOf(box).every((cell) => this.#cells.get(cell)?.every((other) => areApart(box, other)) ?? true)
  }
}

const cellSize = 128

function cellsOf({ x, y, width, height }: LabelBox): string[] {
  const cells: string[] = []
  for (let column = cellAt(x - width / 2); column <= cellAt(x + width / 2); column += 1)
    for (let row = cellAt(y - height / 2); row <= cellAt(y + height / 2); row += 1) cells.push(`${column} ${row}`)
  return cells
}

function cellAt(value: number): number {
  return Math.floor(value / cellSize)
}
