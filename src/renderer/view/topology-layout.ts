import type { InstanceDescription } from '../../shared/index.ts'
import { rowsOf } from './row-layout.ts'

/** Sizes on the canvas, in its own units (pixels at zoom 1). The style sheet of the cards goes by the same numbers. */
export const card = { width: 176, height: 56 } as const
const padding = 20
const header = 44
const instanceGap = 120
const rowGap = 34
const columnGap = 22
const graphGap = { x: 78, y: 26 }

/** `graph`: nodes where their graph file puts them. `compact`: rows from sources to sinks, whatever the file says. */
export type Arrangement = 'graph' | 'compact'

/** Where an instance and its nodes stand; nodes relative to their instance. */
export interface InstanceBox {
  instance: string
  x: number
  y: number
  width: number
  height: number
  nodes: { id: string; x: number; y: number }[]
}

interface Place {
  id: string
  x: number
  y: number
}

/** Lays instances out from left to right in the given order, centred on one line. */
export function layoutTopology(instances: readonly InstanceDescription[], arrangement: Arrangement): InstanceBox[] {
  const boxes = instances.map((instance) => boxOf(instance, arrangement))
  const tallest = Math.max(0, ...boxes.map(({ height }) => height))
  let x = 0
  return boxes.map((box) => {
    const placed = { ...box, x, y: (tallest - box.height) / 2 }
    x += box.width + instanceGap
    return placed
  })
}

/** The size of the whole picture. */
export function extentOf(boxes: readonly InstanceBox[]): { width: number; height: number } {
  return {
    width: Math.max(0, ...boxes.map(({ x, width }) => x + width)),
    height: Math.max(0, ...boxes.map(({ y, height }) => y + height)),
  }
}

/** As the graph files say when that can be read at the size of the view (labels included), else compact. */
export function fittingArrangement(
  instances: readonly InstanceDescription[],
  view: { width: number; height: number },
  readableZoom: number,
): Arrangement {
  const { width, height } = extentOf(layoutTopology(instances, 'graph'))
  return view.width / width >= readableZoom && view.height / height >= readableZoom ? 'graph' : 'compact'
}

function boxOf(instance: InstanceDescription, arrangement: Arrangement): InstanceBox {
  const drawn = instance.nodes.length > 0 && instance.nodes.every(({ position }) => position !== undefined)
  const places = arrangement === 'graph' && drawn ? placesOfGraph(instance) : placesInRows(instance)
  const left = Math.min(...places.map(({ x }) => x))
  const top = Math.min(...places.map(({ y }) => y))
  const nodes = places.map(({ id, x, y }) => ({ id, x: x - left + padding, y: y - top + header + 12 }))
  return {
    instance: instance.instance,
    x: 0,
    y: 0,
    width: Math.max(260, ...nodes.map(({ x }) => x + card.width + padding)),
    height: Math.max(header + 60, ...nodes.map(({ y }) => y + card.height + padding)),
    nodes,
  }
}

/** The positions of the file, pulled apart where two cards would lie on each other. */
function placesOfGraph({ nodes }: InstanceDescription): Place[] {
  const places = nodes.map(({ id, position }) => ({ id, x: position?.x ?? 0, y: position?.y ?? 0 }))
  const stretch = Math.max(1, ...pairs(places).map(([one, other]) => stretchFor(one, other)))
  return places.map(({ id, x, y }) => ({ id, x: x * stretch, y: y * stretch }))
}

function stretchFor(one: Place, other: Place): number {
  const across = Math.abs(one.x - other.x)
  const down = Math.abs(one.y - other.y)
  const needed = Math.min((card.width + graphGap.x) / across, (card.height + graphGap.y) / down)
  // Two nodes on the very same spot cannot be pulled apart by stretching.
  return Number.isFinite(needed) ? Math.min(needed, 6) : 1
}

function pairs(places: readonly Place[]): [Place, Place][] {
  return places.flatMap((one, index) => places.slice(index + 1).map((other): [Place, Place] => [one, other]))
}

/** Rows from sources to sinks, each centred; see `rowsOf`. */
function placesInRows(instance: InstanceDescription): Place[] {
  return rowsOf(instance).map(({ id, row, column }) => ({
    id,
    x: column * (card.width + columnGap),
    y: row * (card.height + rowGap),
  }))
}
