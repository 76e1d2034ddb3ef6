import type { InstanceDescription } from '../../shared/index.ts'
import type { DraftGroup, DraftNote } from './draft.ts'
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
  notes: ReadonlyMap<string, Area>
  groups: ReadonlyMap<string, Area>
}

/** A rectangle, relative to its instance. */
interface Area {
  x: number
  y: number
  width: number
  height: number
}

/** What a graph says about itself: its notes and groups. */
export interface GraphWords {
  notes: readonly DraftNote[]
  groups: readonly DraftGroup[]
}
const noWords: GraphWords = { notes: [], groups: [] }

interface Place {
  id: string
  x: number
  y: number
}

/** Lays instances out from left to right in the given order, centred on one line; many of them on as many lines as suit a wide window. */
export function layoutTopology(
  instances: readonly InstanceDescription[],
  arrangement: Arrangement,
  density: Density = densities.dense,
  wordsOf: (instance: string) => GraphWords = () => noWords,
): InstanceBox[] {
  const boxes = instances.map((instance) => boxOf(instance, arrangement, density, wordsOf(instance.instance)))
  if (boxes.length <= oneLine) return onLines([boxes])
  const choices = boxes.map((_, place) => onLines(inChunks(boxes, Math.ceil(boxes.length / (place + 1)))))
  return choices.reduce((best, next) => (sizeInWindow(next) < sizeInWindow(best) ? next : best))
}

/** So many instances keep to one line, on which links run from left to right. */
const oneLine = 4
const lineGap = 36
/** How much wider than high the room for the canvas usually is. */
const windowAspect = 2.2

function sizeInWindow(boxes: readonly InstanceBox[]): number {
  const { width, height } = extentOf(boxes)
  return Math.max(width / windowAspect, height)
}

function inChunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, place) =>
    items.slice(place * size, (place + 1) * size),
  )
}

function onLines(lines: readonly (readonly InstanceBox[])[]): InstanceBox[] {
  let top = 0
  return lines.flatMap((line) => {
    const tallest = Math.max(0, ...line.map(({ height }) => height))
    let x = 0
    const placed = line.map((box) => {
      const at = { ...box, x, y: top + (tallest - box.height) / 2 }
      x += box.width + instanceGap
      return at
    })
    top += tallest + lineGap
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
  const fits = [room.width / extent.width, room.height / extent.height]
  const [smaller, larger] = [Math.min(...fits), Math.max(...fits)]
  const least = 0.9 * readableZoom
  // A little small is better than a border that cuts the last boxes, on both sides or on one.
  const cut = larger >= least ? Math.min(larger, readableZoom) : readableZoom
  const zoom = smaller >= least ? Math.min(smaller, largestFirstZoom) : cut
  return {
    x: margin.side + Math.max(0, (room.width - extent.width * zoom) / 2),
    y: margin.top + Math.max(0, (room.height - extent.height * zoom) / 2),
    zoom,
  }
}

const largestFirstZoom = 1.15

function boxOf(
  instance: InstanceDescription,
  arrangement: Arrangement,
  density: Density,
  words: GraphWords,
): InstanceBox {
  const { card } = density
  const isAsDrawn = arrangement === 'graph' && isDrawn(instance)
  const stretch = isAsDrawn ? stretchOf(instance, density) : 1
  const places = isAsDrawn ? placesOfGraph(instance, stretch) : placesInRows(instance, density)
  const drawnNotes = isAsDrawn ? words.notes : []
  const drawnGroups = isAsDrawn ? words.groups.flatMap((group) => groupAround(group, places, card)) : []
  const beside = [
    ...places,
    ...drawnNotes.map(({ position }) => at(position, stretch)),
    ...drawnGroups.map(([, area]) => area),
  ]
  const left = Math.min(...beside.map(({ x }) => x))
  const top = Math.min(...beside.map(({ y }) => y))
  const shift = { x: padding - left, y: header + 10 - top }
  const nodes = places.map(({ id, x, y }) => ({ id, x: x + shift.x, y: y + shift.y }))
  const notes = new Map(
    drawnNotes.map(({ id, position, size }) => [id, { ...shifted(at(position, stretch), shift), ...size }]),
  )
  const groups = new Map(drawnGroups.map(([id, area]) => [id, { ...area, ...shifted(area, shift) }]))
  const areas = [...nodes.map((node) => ({ ...node, ...card })), ...notes.values(), ...groups.values()]
  const width = Math.max(220, ...areas.map((area) => area.x + area.width + padding))
  const height = Math.max(header + 60, ...areas.map((area) => area.y + area.height + padding))
  const below = isAsDrawn ? new Map<string, Area>() : notesBelow(words.notes, { width, height })
  return {
    instance: instance.instance,
    x: 0,
    y: 0,
    width,
    height: Math.max(height, ...[...below.values()].map((note) => note.y + note.height + padding)),
    nodes,
    notes: new Map([...notes, ...below]),
    // In rows the nodes of a group do not stand together.
    groups,
  }
}

type Point = Pick<Area, 'x' | 'y'>
const at = ({ x, y }: Point, stretch: number): Point => ({ x: x * stretch, y: y * stretch })
const shifted = ({ x, y }: Point, shift: Point): Point => ({ x: x + shift.x, y: y + shift.y })

/** Where rows are made of the nodes the places of notes mean nothing: they stand below, as wide as the instance. */
function notesBelow(
  notes: readonly DraftNote[],
  { width, height }: { width: number; height: number },
): Map<string, Area> {
  let y = height
  return new Map(
    notes.map(({ id, size }) => {
      const area = { x: padding, y, width: width - 2 * padding, height: Math.min(size.height, 90) }
      y += area.height + padding
      return [id, area]
    }),
  )
}

function groupAround(
  group: DraftGroup,
  nodes: readonly Place[],
  card: { width: number; height: number },
): [string, Area][] {
  const members = nodes.filter(({ id }) => group.nodes.includes(id))
  if (members.length === 0) return []
  const x = Math.min(...members.map((member) => member.x)) - groupMargin.side
  const y = Math.min(...members.map((member) => member.y)) - groupMargin.top
  const right = Math.max(...members.map((member) => member.x)) + card.width + groupMargin.side
  const bottom = Math.max(...members.map((member) => member.y)) + card.height + groupMargin.side
  return [[group.id, { x, y, width: right - x, height: bottom - y }]]
}

/** Room for its name above, and less than the gap between cards around. */
const groupMargin = { side: 8, top: 20 } as const

/** Whether its graph file says where every node stands. */
function isDrawn({ nodes }: InstanceDescription): boolean {
  return nodes.length > 0 && nodes.every(({ position }) => position !== undefined)
}

/** The positions of the file, pulled apart where two cards would lie on each other. */
function placesOfGraph({ nodes }: InstanceDescription, stretch: number): Place[] {
  return nodes.map(({ id, position }) => ({ id, x: (position?.x ?? 0) * stretch, y: (position?.y ?? 0) * stretch }))
}

function stretchOf({ nodes }: InstanceDescription, density: Density): number {
  const places = nodes.map(({ id, position }) => ({ id, x: position?.x ?? 0, y: position?.y ?? 0 }))
  return Math.max(1, ...pairs(places).map(([one, other]) => stretchFor(one, other, density)))
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
