import { wiresOf } from '../graph-parts.ts'
import { wiringOf } from '../wiring.ts'
import type { ElkGraph, ElkNode } from './elk-graph.ts'
import { columnsOf } from './layers.ts'
import { layoutNodesOf, type LayoutNode, type LayoutRequest, type Point } from './layout-request.ts'

/** From here on, columns are found here rather than by ELK; see `columnsOf`. */
const manyNodes = 1_200

const base = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.spacing.nodeNode': '30',
  'elk.spacing.componentComponent': '50',
  'elk.layered.spacing.nodeNodeBetweenLayers': '80',
  'elk.edgeRouting': 'POLYLINE',
}
const byPlace = {
  'elk.layered.cycleBreaking.strategy': 'INTERACTIVE',
  'elk.layered.layering.strategy': 'INTERACTIVE',
}
const inHaste = {
  'elk.layered.thoroughness': '1',
  // ELK's default draws wires straight at the price of height: 5,000 nodes came out 122,000 units high, and with this 3,000.
  'elk.layered.nodePlacement.strategy': 'SIMPLE',
  'elk.layered.crossingMinimization.greedySwitch.type': 'OFF',
}

/** What ELK is to lay out: nodes with their ports in order, groups as nodes around theirs. Ids are numbers: any name is safe. */
export function layoutInput(request: LayoutRequest): ElkGraph {
  const { graph } = request
  const nodes = layoutNodesOf(request)
  const numbers = new Map(nodes.map(({ id }, number) => [id, number]))
  const wires = wiresOf(graph).filter(({ from, to }) => numbers.has(from.node) && numbers.has(to.node))
  const keepsOrder = request.keep === 'order' && isDrawn(nodes)
  const isLarge = nodes.length >= manyNodes
  const places = keepsOrder ? placesWithGuesses(nodes, wires) : isLarge ? placesInColumns(nodes, wires) : undefined
  const elkNodes = nodes.map((node, number) => elkNode(node, number, places?.[number], keepsOrder))
  const { children, groups } = grouped(elkNodes, graph.groups ?? [], numbers)
  const end = (side: 'in' | 'out', node: string, port: string): string => {
    const number = numbers.get(node) ?? 0
    const ports = nodes[number]?.[side === 'in' ? 'inports' : 'outports'] ?? []
    return `n${number}${side}${ports.indexOf(port)}`
  }
  return {
    id: 'graph',
    layoutOptions: {
      ...base,
      ...(places && byPlace),
      ...(isLarge && inHaste),
      ...(keepsOrder && { 'elk.layered.crossingMinimization.semiInteractive': 'true' }),
      ...(groups > 0 && { 'elk.hierarchyHandling': 'INCLUDE_CHILDREN' }),
    },
    children,
    edges: wires.map(({ from, to }, index) => ({
      id: `e${index}`,
      sources: [end('out', from.node, from.port)],
      targets: [end('in', to.node, to.port)],
    })),
  }
}

type Joints = readonly { from: { node: string }; to: { node: string } }[]

function elkNode(node: LayoutNode, number: number, place: Point | undefined, keepsOrder: boolean): ElkNode {
  const ports = (side: 'in' | 'out', names: string[]) =>
    names.map((_, index) => ({
      id: `n${number}${side}${index}`,
      width: 1,
      height: 1,
      layoutOptions: {
        'elk.port.side': side === 'in' ? 'WEST' : 'EAST',
        // ELK counts ports clockwise from the upper left: those of the west side from below.
        'elk.port.index': String(side === 'in' ? names.length - 1 - index : index),
      },
    }))
  return {
    id: `n${number}`,
    width: node.width,
    height: node.height,
    ...place,
    ports: [...ports('out', node.outports), ...ports('in', node.inports)],
    layoutOptions: {
      'elk.portConstraints': 'FIXED_ORDER',
      ...(keepsOrder && place && node.position && { 'elk.position': `(${place.x},${place.y})` }),
    },
  }
}

/** Puts nodes into the first group that names them. */
function grouped(
  nodes: ElkNode[],
  groups: readonly { nodes: string[] }[],
  numbers: ReadonlyMap<string, number>,
): { children: ElkNode[]; groups: number } {
  const taken = new Set<number>()
  const around = groups.flatMap(({ nodes: ids }, index): ElkNode[] => {
    const members = ids.flatMap((id) => numbers.get(id) ?? []).filter((number) => !taken.has(number))
    for (const number of members) taken.add(number)
    const children = members.flatMap((number) => nodes[number] ?? [])
    if (children.length === 0) return []
    const x = Math.min(...children.map((child) => child.x ?? 0))
    const y = Math.min(...children.map((child) => child.y ?? 0))
    const isPlaced = children.some((child) => child.x !== undefined)
    return [
      {
        id: `g${index}`,
        ...(isPlaced && { x, y }),
        layoutOptions: { 'elk.padding': '[top=40,left=20,bottom=20,right=20]' },
        children: children.map((child) =>
          isPlaced ? { ...child, x: (child.x ?? 0) - x, y: (child.y ?? 0) - y } : child,
        ),
      },
    ]
  })
  return { children: [...around, ...nodes.filter((_, number) => !taken.has(number))], groups: around.length }
}

/** Whether there is an order to keep: most nodes have a place, and not all the same. */
function isDrawn(nodes: readonly LayoutNode[]): boolean {
  const places = nodes.flatMap(({ position }) => (position ? [`${position.x} ${position.y}`] : []))
  return places.length > nodes.length / 2 && new Set(places).size > places.length / 2
}

/** The places of nodes, a guess for those that have none: one step beyond what feeds them, or before what they feed. */
function placesWithGuesses(nodes: readonly LayoutNode[], wires: Joints): Point[] {
  const wiring = wiringOf(
    nodes.map(({ id }) => id),
    wires,
  )
  const step = 280
  return nodes.map(({ position }, number) => {
    if (position) return position
    const placed = (others: readonly number[] | undefined) =>
      (others ?? []).flatMap((other) => nodes[other]?.position ?? [])
    const [before, after] = [placed(wiring.previous[number]), placed(wiring.next[number])]
    const near = [...before, ...after]
    const y = near.reduce((sum, point) => sum + point.y, 0) / Math.max(1, near.length)
    if (before.length > 0) return { x: Math.max(...before.map(({ x }) => x)) + step, y }
    if (after.length > 0) return { x: Math.min(...after.map(({ x }) => x)) - step, y }
    return { x: 0, y: 0 }
  })
}

function placesInColumns(nodes: readonly LayoutNode[], wires: Joints): Point[] {
  const columns = columnsOf(
    wiringOf(
      nodes.map(({ id }) => id),
      wires,
    ),
  )
  const widest = nodes.reduce((most, { width }) => Math.max(most, width), 0)
  return nodes.map((_, number) => ({ x: (columns[number] ?? 0) * (widest + 100), y: 0 }))
}
