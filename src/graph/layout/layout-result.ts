import type { GraphCommand, GraphExport } from '../../shared/index.ts'
import { nodesOf } from '../graph-parts.ts'
import type { ElkGraph, ElkNode } from './elk-graph.ts'
import { layoutNodesOf, type LayoutNode, type LayoutRequest, type Point, type Positions } from './layout-request.ts'

const gap = 30

/**
 * Reads the places out of ELK's answer, in whole units. The picture is moved so that what stood somewhere stays about there;
 * pinned nodes stay exactly, and what would lie under one makes room.
 */
export function layoutResult(request: LayoutRequest, answer: ElkGraph): Positions {
  const nodes = layoutNodesOf(request)
  const places = new Map<string, Point>()
  collect(answer, { x: 0, y: 0 }, places)
  const raw = nodes.map((_, number) => places.get(`n${number}`) ?? { x: 0, y: 0 })
  const pinned = nodes.filter(({ isPinned }) => isPinned).length
  const anchors = nodes.flatMap(({ position, isPinned }, number) => {
    const place = raw[number]
    if (!position || !place || (pinned > 0 && !isPinned) || (pinned === 0 && request.keep === 'nothing')) return []
    return [{ x: position.x - place.x, y: position.y - place.y }]
  })
  const shift = { x: median(anchors.map(({ x }) => x)), y: median(anchors.map(({ y }) => y)) }
  const placed = nodes.map((node, number): Placed => {
    const place = raw[number] ?? { x: 0, y: 0 }
    const found = { x: Math.round(place.x + shift.x), y: Math.round(place.y + shift.y) }
    const free = request.keep === 'order' && node.position && isBeside(node.position, found) ? node.position : found
    return { node, ...(node.isPinned && node.position ? node.position : free) }
  })
  if (pinned > 0) makeRoom(placed)
  return Object.fromEntries(placed.map(({ node, x, y }) => [node.id, { x, y }]))
}

/** Makes the edits that bring a layout into a graph: only for nodes that move. */
export function layoutCommands(graph: GraphExport, positions: Positions): GraphCommand[] {
  return nodesOf(graph).flatMap(({ id, position }): GraphCommand[] => {
    const place = Object.hasOwn(positions, id) ? positions[id] : undefined
    if (!place || (position && position.x === place.x && position.y === place.y)) return []
    return [{ type: 'moveNode', id, position: place }]
  })
}

interface Placed extends Point {
  node: LayoutNode
}

function collect(node: ElkNode, at: Point, found: Map<string, Point>): void {
  for (const child of node.children ?? []) {
    const place = { x: at.x + (child.x ?? 0), y: at.y + (child.y ?? 0) }
    found.set(child.id, place)
    collect(child, place, found)
  }
}

/** Moves nodes down, the upper ones first, until none lies on another. */
function makeRoom(placed: Placed[]): void {
  const fixed = placed.filter(({ node }) => node.isPinned)
  const free = placed.filter(({ node }) => !node.isPinned).sort((one, other) => one.y - other.y)
  const taken = [...fixed]
  for (const next of free) {
    for (let blocker = blockerOf(next, taken); blocker; blocker = blockerOf(next, taken))
      next.y = blocker.y + blocker.node.height + gap
    taken.push(next)
  }
}

function blockerOf(next: Placed, taken: readonly Placed[]): Placed | undefined {
  return taken.find(
    (other) =>
      next.x < other.x + other.node.width &&
      other.x < next.x + next.node.width &&
      next.y < other.y + other.node.height &&
      other.y < next.y + next.node.height,
  )
}

/** Halves are rounded to either side: what moved by no more than that has not moved. */
function isBeside(one: Point, other: Point): boolean {
  return Math.abs(one.x - other.x) <= 1 && Math.abs(one.y - other.y) <= 1
}

function median(values: number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
}
