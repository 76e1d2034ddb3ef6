import type { ActorDescription, GraphExport } from '../../shared/index.ts'
import { millraceOf, nodesOf, wiresOf, type GraphNode } from '../graph-parts.ts'

/** A place on the canvas: the upper left corner of a node. */
export interface Point {
  x: number
  y: number
}
/** Places by node id. */
export type Positions = Readonly<Record<string, Point>>

/** What is to be laid out, and how. */
export interface LayoutRequest {
  graph: GraphExport
  /** The ports of actors, in the order in which they are drawn; those of others are taken from their wires. */
  catalogue: readonly ActorDescription[]
  /** How large nodes are drawn, by id; others get `defaultSize`. */
  sizes?: Readonly<Record<string, { width: number; height: number }>>
  /** `order` keeps columns and rows of nodes as they stand now, as far as it can; `nothing` starts anew. */
  keep: 'order' | 'nothing'
}

/** A node to be placed. */
export interface LayoutNode {
  id: string
  width: number
  height: number
  inports: string[]
  outports: string[]
  position: Point | undefined
  /** It stays where it is: `metadata.millrace.pinned`. */
  isPinned: boolean
}

const headerHeight = 36
const portHeight = 20

/** The size of a node that nobody has measured: a header, and a row for each port of its longer side. */
export function defaultSize(inports: number, outports: number): { width: number; height: number } {
  return { width: 190, height: headerHeight + portHeight * Math.max(1, inports, outports) }
}

/** Takes the nodes of a request apart. */
export function layoutNodesOf({ graph, catalogue, sizes }: LayoutRequest): LayoutNode[] {
  const actors = new Map(catalogue.map((actor) => [actor.name, actor]))
  const wired = { inports: new Map<string, Set<string>>(), outports: new Map<string, Set<string>>() }
  const note = (side: keyof typeof wired, node: string, port: string) => {
    const known = wired[side].get(node)
    if (known) known.add(port)
    else wired[side].set(node, new Set([port]))
  }
  for (const { from, to } of wiresOf(graph)) {
    note('outports', from.node, from.port)
    note('inports', to.node, to.port)
  }
  return nodesOf(graph).map((node: GraphNode): LayoutNode => {
    const actor = actors.get(node.component)
    const ports = (side: keyof typeof wired) => [
      ...new Set([...Object.keys(actor?.[side] ?? {}), ...(wired[side].get(node.id) ?? [])]),
    ]
    const [inports, outports] = [ports('inports'), ports('outports')]
    const size = sizes?.[node.id] ?? defaultSize(inports.length, outports.length)
    const isPinned = millraceOf(node.metadata)['pinned'] === true && node.position !== undefined
    return { id: node.id, ...size, inports, outports, position: node.position, isPinned }
  })
}
