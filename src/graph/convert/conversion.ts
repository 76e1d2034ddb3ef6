import type { GraphConnection, GraphEdge, GraphExport } from '../../shared/index.ts'

/** Something that came through a conversion only in part, or not at all. */
export interface ConversionNote {
  /** `lost` is not in the result; `placeholder` is, but does nothing yet; `changed` is, but not as it was. */
  type: 'lost' | 'placeholder' | 'changed'
  /** The node it is about, or nothing where it is about the whole. */
  node?: string
  message: string
}

/** A graph made of something else, and what did not come through unchanged. */
export interface ImportedGraph {
  graph: GraphExport
  notes: ConversionNote[]
}

/** One end of a wire, as Reflow writes it. */
export function edgeOf(nodeId: string, portId: string): GraphEdge {
  return { nodeId, portId, portName: '', expose: false, portType: { type: 'any' } }
}

/** A wire between two ports. */
export function wireOf(
  from: { node: string; port: string },
  to: { node: string; port: string },
  metadata?: Record<string, unknown>,
): GraphConnection {
  return {
    from: edgeOf(from.node, from.port),
    to: edgeOf(to.node, to.port),
    ...(metadata && Object.keys(metadata).length > 0 && { metadata }),
  }
}

/** An initial message of a port. */
export function initialOf(to: { node: string; port: string }, data: unknown): GraphConnection {
  return { from: edgeOf('', ''), to: edgeOf(to.node, to.port), data }
}

/** Makes a name unlike those that are taken, and takes it. */
export function takeName(wanted: string, taken: Set<string>): string {
  let name = wanted
  for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`
  taken.add(name)
  return name
}
