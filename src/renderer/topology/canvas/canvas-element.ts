import { draftPortOffset } from '../../view/draft-layout.ts'
import type { Arrangement } from '../../view/topology-layout.ts'

/** How the canvas draws: as it is watched, in one of two arrangements, or as it is edited. */
export type CanvasLook = Arrangement | 'draft'

/** A port as the canvas draws it. */
export interface CanvasPort {
  name: string
  kind: string
  description?: string
}

/** A box on the canvas: an instance, a node, a group of nodes or a note inside one; or a peer outside the lab. */
export interface CanvasNode {
  key: string
  kind: 'instance' | 'node' | 'group' | 'note' | 'peer'
  instance: string
  /** The node's id; absent for everything else. */
  node?: string
  /** The id of a group or of a note, the name of a peer. */
  name?: string
  x: number
  y: number
  width: number
  height: number
  inports: readonly CanvasPort[]
  outports: readonly CanvasPort[]
}

/** A line on the canvas: a wire inside an instance, or a link between two. */
export interface CanvasEdge {
  key: string
  kind: 'wire' | 'link'
  from: { key: string; port?: string }
  to: { key: string; port?: string }
}

/** How a line looks now. */
export type EdgeLook = 'calm' | 'warm' | 'full' | 'quiet' | 'broken' | 'wrong'

/** The room that the label of a line takes, in the canvas's units; where there is none, labels of less weight go first. */
export interface EdgeLabelSize {
  width: number
  height: number
  weight: number
}

/** A port of a node, as a person begins or ends a wire there. */
export interface CanvasPortEnd {
  box: CanvasNode
  side: 'in' | 'out'
  port: string
}

/** Where along its side a port is, in the canvas's units: across in rows, down otherwise. */
export function portOffset(box: CanvasNode, side: 'in' | 'out', index: number, look: CanvasLook): number {
  const count = (side === 'in' ? box.inports : box.outports).length
  if (look === 'draft') return draftPortOffset(index)
  return ((index + 1) / (count + 1)) * (look === 'compact' ? box.width : box.height)
}

/** How large a port is drawn, its border included. */
export function portSize(look: CanvasLook): number {
  return look === 'draft' ? 12 : 7
}

/** What is dragged from the palette onto the canvas, as the clipboard of the drag names it. */
export const actorType = 'application/x-millrace-actor'
