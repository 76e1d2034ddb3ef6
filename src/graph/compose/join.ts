import type { GraphConnection, GraphEdge, GraphExport, WireEnd } from '../../shared/index.ts'
import { didYouMean } from '../suggest.ts'
import type { WorkspaceMember } from './workspace.ts'
import type { WorkspaceFindings } from './workspace-findings.ts'

/** The id that a node of a member has in the composed graph. */
export function qualified({ namespace }: WorkspaceMember, id: string): string {
  return `${namespace}/${id}`
}

/** An edge without anything but its node and port. */
function plainEdge({ node, port }: WireEnd): GraphEdge {
  return { nodeId: node, portId: port, portName: '', expose: false, portType: { type: 'any' } }
}

/** Wires two ports unless they are already. */
export function join(graph: GraphExport, from: WireEnd, to: WireEnd, metadata?: Record<string, unknown>): void {
  const isThere = ({ from: source, to: target }: GraphConnection) =>
    source.nodeId === from.node && source.portId === from.port && target.nodeId === to.node && target.portId === to.port
  if (graph.connections?.some(isThere)) return
  graph.connections?.push({ from: plainEdge(from), to: plainEdge(to), ...(metadata && { metadata }) })
}

/** Whether a member has a node; tells the file that names it when it has not. */
export function hasNode(
  member: WorkspaceMember,
  id: string,
  path: (string | number)[],
  user: WorkspaceMember,
  findings: WorkspaceFindings,
): boolean {
  const nodes = member.graph.processes ?? {}
  if (Object.hasOwn(nodes, id)) return true
  const near = didYouMean(id, Object.keys(nodes))
  findings.in(user.file).error('NODE_UNKNOWN', path, `the graph "${member.name}" has no node "${id}"${near}`)
  return false
}
