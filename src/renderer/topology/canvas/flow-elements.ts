import { Position, type Node, type NodeHandleBounds } from '@vue-flow/core'
import { portOffset, portSize, type CanvasLook, type CanvasNode } from './canvas-element.ts'

/** What of the canvas can be changed by hand. */
export interface FlowHand {
  isEditing: boolean
  isMarked: (key: string) => boolean
}

const depth = { instance: 0, group: 2, note: 3, peer: 4, node: 8 } as const

/** A node of Vue Flow with what it would measure of itself. */
type MeasuredNode = Node<CanvasNode> & {
  dimensions: { width: number; height: number }
  handleBounds: NodeHandleBounds
  selected: boolean
}

/**
 * Makes what gives boxes as Vue Flow wants them. Where their ports are is told, not measured: measuring took a quarter of the time
 * in which a large canvas came up, and boxes that are out of sight need not be there for it. The same box has the same measures.
 */
export function flowNodes(): (boxes: readonly CanvasNode[], look: CanvasLook, hand: FlowHand) => Node<CanvasNode>[] {
  const known = new WeakMap<CanvasNode, Pick<MeasuredNode, 'dimensions' | 'handleBounds'>>()
  return (boxes, look, hand) =>
    boxes.map((box) => {
      const measures = known.get(box) ?? measuresOf(box, look)
      known.set(box, measures)
      return flowNode(box, measures, hand)
    })
}

function flowNode(
  box: CanvasNode,
  measures: Pick<MeasuredNode, 'dimensions' | 'handleBounds'>,
  { isEditing, isMarked }: FlowHand,
): MeasuredNode {
  return {
    dimensions: measures.dimensions,
    // What it measures it writes into what it was given.
    handleBounds: { ...measures.handleBounds },
    id: box.key,
    type: box.kind,
    data: box,
    position: { x: box.x, y: box.y },
    style: placeOf(box, isEditing),
    zIndex: depth[box.kind],
    draggable: isEditing && (box.kind === 'node' || box.kind === 'note'),
    selectable: isEditing && (box.kind === 'node' || box.kind === 'note'),
    // What is marked moves together.
    selected: isMarked(box.key),
  }
}

/**
 * Boxes that nobody drags stand where they are by their sides: a transform of its own makes each a piece that Chromium puts together
 * with all the others whenever anything on the canvas is painted or moved.
 */
function placeOf({ x, y, width, height }: CanvasNode, isEditing: boolean): Record<string, string> {
  const size = { width: `${width}px`, height: `${height}px` }
  return isEditing ? size : { ...size, left: `${x}px`, top: `${y}px`, transform: 'none' }
}

/** How large a box is, and where lines meet it. */
function measuresOf(box: CanvasNode, look: CanvasLook): Pick<MeasuredNode, 'dimensions' | 'handleBounds'> {
  const dimensions = { width: box.width, height: box.height }
  if (box.kind !== 'node') return { dimensions, handleBounds: { source: [], target: [] } }
  return { dimensions, handleBounds: { source: handlesOf(box, look, 'out'), target: handlesOf(box, look, 'in') } }
}

/** The spots of FlowPorts: one in the middle of the left or right side for links, the others along the side of the ports. */
function handlesOf(box: CanvasNode, look: CanvasLook, side: 'in' | 'out'): HandleBounds[] {
  const ports = side === 'in' ? box.inports : box.outports
  const linkSpot = { x: side === 'in' ? 0 : box.width, y: box.height / 2 }
  return [
    ...ports.map(({ name }, index) => {
      const along = portOffset(box, side, index, look)
      const spot =
        look === 'compact'
          ? { x: along, y: side === 'in' ? 0 : box.height }
          : { x: side === 'in' ? 0 : box.width, y: along }
      return handleAt(
        box,
        `${side}:${name}`,
        portSide[look === 'compact' ? 'compact' : 'wide'][side],
        spot,
        portSize(look),
      )
    }),
    handleAt(box, `link-${side}`, portSide.wide[side], linkSpot, 1),
  ]
}

type HandleBounds = NonNullable<NodeHandleBounds['source']>[number]

/** Which side of a card ports are on: across in rows, else beside. */
export const portSide = {
  compact: { in: Position.Top, out: Position.Bottom },
  wide: { in: Position.Left, out: Position.Right },
} as const

function handleAt(
  box: CanvasNode,
  id: string,
  position: Position,
  middle: { x: number; y: number },
  size: number,
): HandleBounds {
  const type = position === Position.Top || position === Position.Left ? 'target' : 'source'
  return {
    id,
    type,
    nodeId: box.key,
    position,
    x: middle.x - size / 2,
    y: middle.y - size / 2,
    width: size,
    height: size,
  }
}

/** The side and the port that a handle of Vue Flow stands for; `undefined` for the ends of links. */
export function portOfHandle(handle: string | null | undefined): { side: 'in' | 'out'; port: string } | undefined {
  const match = /^(in|out):(.*)$/su.exec(handle ?? '')
  return match?.[1] === 'in' || match?.[1] === 'out' ? { side: match[1], port: match[2] ?? '' } : undefined
}
