import type { GraphCommand, GraphEdge, WireEnd } from '../../shared/index.ts'
import { isWire, refuseName, refused, wireName, type GraphDraft } from './graph-draft.ts'

type Of<Type extends GraphCommand['type']> = Extract<GraphCommand, { type: Type }>

/** Joins two ports of nodes that are there. */
export function connect(on: GraphDraft, { from, to, options, metadata }: Of<'connect'>): void {
  on.node(from.node)
  on.node(to.node)
  const what = `the wire ${wireName(from, to)}`
  for (const { port } of [from, to]) refuseName(port, `a port of ${what}`)
  if (on.connections.some((connection) => isWire(connection, from, to)))
    throw refused('WIRE_DUPLICATE', `there is already a wire ${wireName(from, to)}`)
  on.draft.ensureList(['connections'])
  const path = ['connections', on.connections.length]
  on.draft.add(path, { from: edgeOf(from), to: edgeOf(to), ...on.metadata(metadata, what) })
  if (options) on.mergeOptions(path, options, what)
}

/** Takes a wire away. */
export function disconnect(on: GraphDraft, { from, to }: Of<'disconnect'>): void {
  on.draft.remove(on.wire(from, to))
}

/** One end of a wire as the file has it. */
export function edgeOf({ node, port }: WireEnd): GraphEdge {
  return { nodeId: node, portId: port, portName: '', expose: false, portType: { type: 'any' } }
}
