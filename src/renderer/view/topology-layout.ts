import type { InstanceDescription } from '../../shared/index.ts'
import { rowsOf } from './row-layout.ts'

/** How much room a picture takes, in the canvas's own units (pixels at zoom 1). */
export interface Density {
  card: { width: number; height: number }
  /** Between rows; the labels of wires stand there. */
  rowGap: number
}

/** `dense`: cards of two lines, to be read at a low zoom. `roomy`: cards of three, for large windows. */
export const densities = {
  dense: { card: { width: 164, height: 42 }, rowGap: 28 },
  roomy: { card: { width: 170, height: 58 }, rowGap: 32 },
} as const satisfies Record<string, Density>

/** Below this zoom the text of the canvas is smaller than can be read: 12.5 px become 9.5. */
export const readableZoom = 0.76
const padding = 12
const header = 46
/** The label of a link stands between two instances. */
const instanceGap = 70
const columnGap = 12
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
export function layoutTopology(
  instances: readonly InstanceDescription[],
  arrangement: Arrangement,
  density: Density = densities.dense,
): InstanceBox[] {
  const boxes = instances.map((instance) => boxOf(instance, arrangement, density))
  const tallest = Math.max(0, ...boxes.map(({ height }) => height))
  let x = 0
  return boxes.map((box) => {
    const placed = { ...box, x, y: (tallest - box.height) / 2 }
    x += box.width + instanceGap
    return placed
  })
}

/** The size of the whole picture. */
export function extentOf(boxes: readonly Pick<InstanceBox, 'x' | 'y' | 'width' | 'height'>[]): {
  width: number
  height: number
} {
  return {
    width: Math.max(0, ...boxes.map(({ x, width }) => x + width)),
    height: Math.max(0, ...boxes.map(({ y, height }) => y + height)),
  }
}

/** As the graph files say when they do and that can be read at the size of the view, else compact. */
export function fittingArrangement(
  instances: readonly InstanceDescription[],
  view: { width: number; height: number },
): Arrangement {
  // Their wires run sideways, where rows leave no room for them.
  if (instances.some((instance) => instance.nodes.length > 0 && !isDrawn(instance))) return 'compact'
  return zoomFor(layoutTopology(instances, 'graph'), view) >= readableZoom ? 'graph' : 'compact'
}

/** Roomy when that can be shown whole at about its natural size. */
export function fittingDensity(
  instances: readonly InstanceDescription[],
  view: { width: number; height: number },
  arrangement: Arrangement,
): Density {
  const isRoomy = zoomFor(layoutTopology(instances, arrangement, densities.roomy), view) >= 0.9
  return isRoomy ? densities.roomy : densities.dense
}

function zoomFor(boxes: readonly InstanceBox[], view: { width: number; height: number }): number {
  const { width, height } = extentOf(boxes)
  return Math.min(view.width / width, view.height / height)
}

/** Where the canvas begins: everything if that can be read, or almost, else as much as can be, from the left and the top on. */
export function firstViewport(
  extent: { width: number; height: number },
  view: { width: number; height: number },
  margin: { top: number; bottom: number; side: number },
): { x: number; y: number; zoom: number } {
  const room = { width: view.width - 2 * margin.side, height: view.height - margin.top - margin.bottom }
  const whole = Math.min(room.width / extent.width, room.height / extent.height, largestFirstZoom)
  // A little small is better than a border that cuts the last boxes.
  const zoom = whole >= 0.9 * readableZoom ? whole : readableZoom
  return {
    x: margin.side + Math.max(0, (room.width - extent.width * zoom) / 2),
    y: margin.top + Math.max(0, (room.height - extent.height * zoom) / 2),
    zoom,
  }
}

const largestFirstZoom = 1.15

function boxOf(instance: InstanceDescription, arrangement: Arrangement, density: Density): InstanceBox {
  const { card } = density
  const places =
    arrangement === 'graph' && isDrawn(instance) ? placesOfGraph(instance, density) : placesInRows(instance, density)
  const left = Math.min(...places.map(({ x }) => x))
  const top = Math.min(...places.map(({ y }) => y))
  const nodes = places.map(({ id, x, y }) => ({ id, x: x - left + padding, y: y - top + header + 10 }))
  return {
    instance: instance.instance,
    x: 0,
    y: 0,
    width: Math.max(220, ...nodes.map(({ x }) => x + card.width + padding)),
    height: Math.max(header + 60, ...nodes.map(({ y }) => y + card.height + padding)),
    nodes,
  }
}

/** Whether its graph file says where every node stands. */
function isDrawn({ nodes }: InstanceDescription): boolean {
  return nodes.length > 0 && nodes.every(({ position }) => position !== undefined)
}

/** The positions of the file, pulled apart where two cards would lie on each other. */
function placesOfGraph({ nodes }: InstanceDescription, density: Density): Place[] {
  const places = nodes.map(({ id, position }) => ({ id, x: position?.x ?? 0, y: position?.y ?? 0 }))
  const stretch = Math.max(1, ...pairs(places).map(([one, other]) => stretchFor(one, other, density)))
  return places.map(({ id, x, y }) => ({ id, x: x * stretch, y: y * stretch }))
}

function stretchFor(one: Place, other: Place, { card }: Density): number {
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
function placesInRows(instance: InstanceDescription, { card, rowGap }: Density): Place[] {
  return rowsOf(instance).map(({ id, row, column }) => ({
    id,
    x: column * (card.width + columnGap),
    y: row * (card.height + rowGap),
  }))
}
