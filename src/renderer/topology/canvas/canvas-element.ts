/** A box on the canvas: an instance, or a node inside one. */
export interface CanvasNode {
  key: string
  kind: 'instance' | 'node'
  instance: string
  /** The node's id; absent for an instance. */
  node?: string
  x: number
  y: number
  width: number
  height: number
  inports: readonly string[]
  outports: readonly string[]
}

/** A line on the canvas: a wire inside an instance, or a link between two. */
export interface CanvasEdge {
  key: string
  kind: 'wire' | 'link'
  from: { key: string; port?: string }
  to: { key: string; port?: string }
}

/** How a line looks now. */
export type EdgeLook = 'calm' | 'warm' | 'full' | 'quiet' | 'broken'

/** The room that the label of a line takes, in the canvas's units; where there is none, labels of less weight go first. */
export interface EdgeLabelSize {
  width: number
  height: number
  weight: number
}
