import { getBezierPath, Position } from '@vue-flow/core'
import type { Point } from '../../view/label-places.ts'
import { portOffset, portSize, type CanvasEdge, type CanvasLook, type CanvasNode } from './canvas-element.ts'

/** The curve of a line between two boxes, as the path of an SVG. */
export function linePath(edge: CanvasEdge, from: CanvasNode, to: CanvasNode, look: CanvasLook): string {
  const source = endOf(from, edge.from.port, look, 'out')
  const target = endOf(to, edge.to.port, look, 'in')
  const isDown = look === 'compact' && edge.kind === 'wire'
  return getBezierPath({
    sourceX: source.x,
    sourceY: source.y,
    sourcePosition: isDown ? Position.Bottom : Position.Right,
    targetX: target.x,
    targetY: target.y,
    targetPosition: isDown ? Position.Top : Position.Left,
    curvature: edge.kind === 'link' ? 0.35 : 0.3,
  })[0]
}

/** Where a line meets a box: at the outer edge of its port, or in the middle of a side where it is a link. */
function endOf(box: CanvasNode, port: string | undefined, look: CanvasLook, side: 'in' | 'out'): Point {
  const sign = side === 'in' ? -1 : 1
  const right = { x: box.x + (side === 'in' ? 0 : box.width), y: box.y + box.height / 2 }
  if (port === undefined) return right
  const out = (sign * portSize(look)) / 2
  const ports = side === 'in' ? box.inports : box.outports
  const along = portOffset(
    box,
    side,
    Math.max(
      0,
      ports.findIndex(({ name }) => name === port),
    ),
    look,
  )
  return look === 'compact'
    ? { x: box.x + along, y: box.y + (side === 'in' ? 0 : box.height) + out }
    : { x: right.x + out, y: box.y + along }
}
