import * as v from 'valibot'
import { nodesOf, parseGraph, wiresOf } from '../graph/index.ts'
import { MillraceError, type GraphConnection, type GraphEdge, type GraphExport } from '../shared/index.ts'
import { readTextFile } from './text-file.ts'

/** Reads a graph file. Throws `FILE_NOT_FOUND`, `FILE_INVALID` with line and column. */
export function readGraphFile(file: string): GraphExport {
  return parseGraph(readTextFile(file), file)
}

const end = v.object({ node: v.string(), port: v.string() })
const statusSchema = v.object({
  nodes: v.array(v.object({ id: v.string(), component: v.string(), role: v.string() })),
  wires: v.array(v.object({ from: end, to: end })),
})

/**
 * Makes a graph of what an instance's status tells: its nodes and wires. What a status does not tell, such as configs, is taken from
 * `known`, so that a comparison says nothing about it. Throws `PROTOCOL_ERROR` when the status has no nodes.
 */
export function graphOfStatus(status: unknown, known: GraphExport, endpoint: string): GraphExport {
  const reading = v.safeParse(statusSchema, status)
  if (!reading.success)
    throw new MillraceError('PROTOCOL_ERROR', `${endpoint} does not tell which nodes and wires it runs`)
  // Where a link takes messages out of an instance is no part of its graph.
  const nodes = reading.output.nodes.filter(({ role }) => role !== 'egress')
  const ids = new Set(nodes.map(({ id }) => id))
  const knownNodes = new Map(nodesOf(known).map((node) => [node.id, node]))
  const knownWires = new Map(
    wiresOf(known).map(({ from, to, index }) => [nameOf(from, to), known.connections?.[index]] as const),
  )
  const processes = nodes.map(({ id, component }) => {
    const process = known.processes?.[id]
    // A remote node tells no component of its graph's spelling; its id is all there is.
    const isRemote = knownNodes.get(id)?.remote !== undefined
    return [id, { ...process, id, component: isRemote ? (process?.component ?? component) : component }] as const
  })
  const wires = reading.output.wires
    .filter(({ from, to }) => ids.has(from.node) && ids.has(to.node))
    .map(({ from, to }): GraphConnection => knownWires.get(nameOf(from, to)) ?? { from: edgeOf(from), to: edgeOf(to) })
  const initials = (known.connections ?? []).filter(
    (connection) => !wiresOf({ ...known, connections: [connection] }).length,
  )
  return { ...known, processes: Object.fromEntries(processes), connections: [...wires, ...initials] }
}

function nameOf(from: { node: string; port: string }, to: { node: string; port: string }): string {
  return JSON.stringify([from.node, from.port, to.node, to.port])
}

function edgeOf({ node, port }: { node: string; port: string }): GraphEdge {
  return { nodeId: node, portId: port, portName: '', expose: false, portType: { type: 'any' } }
}
