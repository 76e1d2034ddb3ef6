import type { InstanceDescription } from '../../shared/index.ts'
import type { DraftGroup, DraftNote } from './draft.ts'
import { rowsOf } from './row-layout.ts'

/** The card of a node while its graph is edited: a head, a row for each port of the longer side, and a foot with its figures. */
export const draftCard = { width: 196, head: 40, row: 18, foot: 20 } as const

/** How large the card of a node is while its graph is edited. */
export function draftCardSize(inports: number, outports: number): { width: number; height: number } {
  return {
    width: draftCard.width,
    height: draftCard.head + draftCard.row * Math.max(1, inports, outports) + draftCard.foot,
  }
}

/** How far below the top of its card a port is. */
export function draftPortOffset(index: number): number {
  return draftCard.head + draftCard.row * (index + 0.5)
}

export interface Place {
  x: number
  y: number
}
export interface Box extends Place {
  width: number
  height: number
}

/** An instance on the canvas while it is edited; all places are those of the canvas. */
export interface DraftPlaces {
  instance: string
  /** Where the canvas has the origin of the graph file: place on the canvas = this + position in the file. */
  anchor: Place
  frame: Box
  nodes: ReadonlyMap<string, Box>
  notes: ReadonlyMap<string, Box>
  groups: ReadonlyMap<string, Box>
}

/** What of an instance is drawn. */
export interface DraftContent {
  instance: InstanceDescription
  notes: readonly DraftNote[]
  groups: readonly DraftGroup[]
}

/** Nodes are moved in steps of this many units, so that they come to stand in line. */
export const gridStep = 10
const padding = 18
const header = 46
const frameGap = 80
const emptyFrame = { width: 300, height: 180 }
const gap = { x: 76, y: 34 }
const groupPadding = { side: 10, top: 24 }

/** How instances are lined up. */
export type DraftDirection = 'across' | 'down'

/**
 * Lines instances up with their nodes exactly as the graph files have them. An instance that is anchored already stays there, unless
 * the one before it has grown into it: then it makes room.
 */
export function layoutDraft(
  contents: readonly DraftContent[],
  anchors: ReadonlyMap<string, Place>,
  direction: DraftDirection,
): DraftPlaces[] {
  const isAcross = direction === 'across'
  let free = 0
  return contents.map(({ instance, notes, groups }) => {
    const { nodes, noteBoxes, groupBoxes, bounds } = partsOf({ instance, notes, groups })
    const corner = { x: bounds.x - padding, y: bounds.y - padding - header }
    const wanted = anchors.get(instance.instance) ?? {
      x: (isAcross ? free : 0) - corner.x,
      y: (isAcross ? 0 : free) - corner.y,
    }
    const push = Math.max(0, free - (isAcross ? wanted.x + corner.x : wanted.y + corner.y))
    const anchor = { x: onGrid(wanted.x + (isAcross ? push : 0)), y: onGrid(wanted.y + (isAcross ? 0 : push)) }
    const frame = { x: anchor.x + corner.x, y: anchor.y + corner.y, ...frameSize(bounds) }
    free = (isAcross ? frame.x + frame.width : frame.y + frame.height) + frameGap
    return {
      instance: instance.instance,
      anchor,
      frame,
      nodes: moved(nodes, anchor),
      notes: moved(noteBoxes, anchor),
      groups: moved(groupBoxes, anchor),
    }
  })
}

/** Whether instances stand beside or below each other: whichever comes closer to the shape of a screen. */
export function draftDirection(contents: readonly DraftContent[]): DraftDirection {
  const sizes = contents.map((content) => frameSize(partsOf(content).bounds))
  const sum = (of: (size: (typeof sizes)[number]) => number) => sizes.reduce((total, size) => total + of(size), 0)
  const across = sum(({ width }) => width) / Math.max(1, ...sizes.map(({ height }) => height))
  const down = Math.max(1, ...sizes.map(({ width }) => width)) / sum(({ height }) => height)
  const offScreen = (ratio: number) => Math.abs(Math.log(ratio / screenRatio))
  return contents.length < 2 || offScreen(across) <= offScreen(down) ? 'across' : 'down'
}

const screenRatio = 1.6

function partsOf({ instance, notes, groups }: DraftContent) {
  const nodes = filePlaces(instance)
  const noteBoxes = new Map(notes.map(({ id, position, size }) => [id, { ...position, ...size }]))
  const groupBoxes = new Map(groups.flatMap((group) => around(group, nodes)))
  return {
    nodes,
    noteBoxes,
    groupBoxes,
    bounds: boundsOf([...nodes.values(), ...noteBoxes.values(), ...groupBoxes.values()]),
  }
}

function frameSize({ width, height }: Box): { width: number; height: number } {
  return {
    width: Math.max(emptyFrame.width, width + 2 * padding),
    height: Math.max(emptyFrame.height, height + 2 * padding + header),
  }
}

/** Where the nodes of an instance stand in its graph file; those without a place get one below the others, from left to right. */
export function filePlaces(instance: InstanceDescription): Map<string, Box> {
  const byId = new Map(instance.nodes.map((node) => [node.id, node]))
  const sizeOf = (id: string) => {
    const node = byId.get(id)
    return draftCardSize(node?.inports.length ?? 0, node?.outports.length ?? 0)
  }
  const placed = instance.nodes.flatMap(({ id, position }) =>
    position ? [[id, { ...position, ...sizeOf(id) }] as const] : [],
  )
  const missing = instance.nodes.filter(({ position }) => position === undefined)
  if (missing.length === 0) return new Map(placed)
  const below = boundsOf(placed.map(([, box]) => box))
  const top = placed.length === 0 ? 0 : below.y + below.height + gap.y
  const tallest = Math.max(...missing.map(({ id }) => sizeOf(id).height))
  const names = new Set(missing.map(({ id }) => id))
  const rows = rowsOf({
    nodes: missing,
    wires: instance.wires.filter(({ from, to }) => names.has(from.node) && names.has(to.node)),
    exports: instance.exports,
  })
  const first = Math.min(...rows.map(({ column }) => column))
  const firstRow = Math.min(...rows.map(({ row }) => row))
  return new Map([
    ...placed,
    ...rows.map(({ id, row, column }) => {
      const size = sizeOf(id)
      const place = {
        x: onGrid((row - firstRow) * (draftCard.width + gap.x)),
        y: onGrid(top + (column - first) * (tallest + gap.y)),
      }
      return [id, { ...place, ...size }] as const
    }),
  ])
}

/** The nearest place on the grid. */
export function onGrid(value: number): number {
  return Math.round(value / gridStep) * gridStep
}

/** The smallest box around boxes; of none, an empty one at the origin. */
export function boundsOf(boxes: readonly Box[]): Box {
  if (boxes.length === 0) return { x: 0, y: 0, width: 0, height: 0 }
  const x = Math.min(...boxes.map((box) => box.x))
  const y = Math.min(...boxes.map((box) => box.y))
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  }
}

function around(group: DraftGroup, nodes: ReadonlyMap<string, Box>): [string, Box][] {
  const members = group.nodes.flatMap((id) => nodes.get(id) ?? [])
  if (members.length === 0) return []
  const { x, y, width, height } = boundsOf(members)
  const { side, top } = groupPadding
  return [[group.id, { x: x - side, y: y - top, width: width + 2 * side, height: height + top + side }]]
}

function moved(boxes: ReadonlyMap<string, Box>, { x, y }: Place): Map<string, Box> {
  return new Map([...boxes].map(([id, box]) => [id, { ...box, x: box.x + x, y: box.y + y }]))
}
