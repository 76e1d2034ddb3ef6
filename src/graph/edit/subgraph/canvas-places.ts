import { isRecord } from '../../graph-parts.ts'
import type { Point } from '../../layout/layout-request.ts'

/** The point of a `position` as the file has it, where it is one. */
export function pointOf(value: unknown): Point | undefined {
  if (!isRecord(value)) return undefined
  const { x, y } = value
  return typeof x === 'number' && typeof y === 'number' ? { x, y } : undefined
}

/** The upper left corner of what stands at these points, and its middle; `undefined` where nothing has a place. */
export function extentOf(points: readonly Point[]): { corner: Point; middle: Point } | undefined {
  if (points.length === 0) return undefined
  const xs = points.map(({ x }) => x)
  const ys = points.map(({ y }) => y)
  const corner = { x: smallest(xs), y: smallest(ys) }
  return { corner, middle: { x: (corner.x + largest(xs)) / 2, y: (corner.y + largest(ys)) / 2 } }
}

/** The same part with its `position` moved; one without a place stays without. */
export function movedBy<Part extends Record<string, unknown>>(part: Part, by: Point): Part {
  const own = pointOf(part['position'])
  if (own === undefined) return part
  return { ...part, position: { ...(part['position'] as object), x: own.x + by.x, y: own.y + by.y } }
}

// Spread into Math.min, a graph of very many nodes would overflow the stack.
const smallest = (numbers: readonly number[]) => numbers.reduce((one, other) => Math.min(one, other))
const largest = (numbers: readonly number[]) => numbers.reduce((one, other) => Math.max(one, other))
