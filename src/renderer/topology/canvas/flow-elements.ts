import type { Edge, Node } from '@vue-flow/core'
import type { CanvasEdge, CanvasNode } from './canvas-element.ts'
import { plainLine } from '../../view/readable-text.ts'

/** What of the canvas can be changed by hand. */
export interface FlowHand {
  isEditing: boolean
  isMarked: (key: string) => boolean
}

const depth = { instance: 0, group: 2, note: 3, node: 8 } as const

/** Boxes as Vue Flow wants them. */
export function flowNodes(boxes: readonly CanvasNode[], { isEditing, isMarked }: FlowHand): Node<CanvasNode>[] {
  return boxes.map((box) => ({
    id: box.key,
    type: box.kind,
    data: box,
    position: { x: box.x, y: box.y },
    // Not given as `width` and `height` of the node: then Vue Flow would never measure where its ports are.
    style: { width: `${box.width}px`, height: `${box.height}px` },
    zIndex: depth[box.kind],
    draggable: isEditing && (box.kind === 'node' || box.kind === 'note'),
    selectable: isEditing && (box.kind === 'node' || box.kind === 'note'),
    // What is marked moves together.
    selected: isMarked(box.key),
  }))
}

/** Lines as Vue Flow wants them. */
export function flowEdges(edges: readonly CanvasEdge[]): Edge<CanvasEdge>[] {
  return edges.map((edge) => ({
    id: edge.key,
    type: 'line',
    data: edge,
    ariaLabel: plainLine(edge.key),
    source: edge.from.key,
    target: edge.to.key,
    sourceHandle: edge.from.port === undefined ? 'link-out' : `out:${edge.from.port}`,
    targetHandle: edge.to.port === undefined ? 'link-in' : `in:${edge.to.port}`,
    zIndex: edge.kind === 'link' ? 6 : 5,
  }))
}

/** The side and the port that a handle of Vue Flow stands for; `undefined` for the ends of links. */
export function portOfHandle(handle: string | null | undefined): { side: 'in' | 'out'; port: string } | undefined {
  const match = /^(in|out):(.*)$/su.exec(handle ?? '')
  return match?.[1] === 'in' || match?.[1] === 'out' ? { side: match[1], port: match[2] ?? '' } : undefined
}
