import type { GraphEdge, GraphExport } from '../../shared/index.ts'
import { isRecord, millraceOf } from '../graph-parts.ts'
import { didYouMean } from '../suggest.ts'
import { orderByDependency } from './dependencies.ts'
import { joinInterfaces } from './interfaces.ts'
import { hasNode, join, qualified } from './join.ts'
import { isMeant, membersOf, type WorkspaceFile, type WorkspaceMember } from './workspace.ts'
import { WorkspaceFindings, type WorkspaceFinding } from './workspace-findings.ts'

/** What became of a workspace: one graph, and what was found on the way; with errors among it the graph is not whole. */
export interface Composition {
  graph: GraphExport
  members: WorkspaceMember[]
  findings: WorkspaceFinding[]
}

/**
 * Makes one graph of the graphs of a workspace: nodes, groups and exposed ports get their graph's namespace before their names
 * (`namespace/node`), dependencies are checked and put in order, and graphs are joined by their external connections and by the
 * interfaces that one requires and another provides. `texts` gives the files' texts, for lines and columns.
 */
export function composeWorkspace(
  files: readonly WorkspaceFile[],
  options: { name: string; texts?: ReadonlyMap<string, string> },
): Composition {
  const findings = new WorkspaceFindings(options.texts)
  const members = membersOf(files)
  const { ordered, needs } = orderByDependency(members, findings)
  const graph: GraphExport = {
    caseSensitive: true,
    properties: { name: options.name },
    processes: {},
    connections: [],
    inports: {},
    outports: {},
    groups: [],
  }
  const initials: unknown[] = []
  for (const member of ordered) addMember(graph, initials, member, findings)
  for (const member of ordered) addExternalConnections(graph, member, members, findings)
  joinInterfaces(graph, ordered, needs, findings)
  graph.properties['millrace'] = {
    composedOf: ordered.map(({ file, name, namespace, version }) => ({
      file,
      name,
      namespace,
      ...(version && { version }),
    })),
    ...(initials.length > 0 && { initials }),
  }
  return { graph, members: ordered, findings: findings.list }
}

function addMember(
  graph: GraphExport,
  initials: unknown[],
  member: WorkspaceMember,
  findings: WorkspaceFindings,
): void {
  const own = member.graph
  const told = findings.in(member.file)
  const within = (id: string) => qualified(member, id)
  const inside = (edge: GraphEdge): GraphEdge => (edge.nodeId === '' ? edge : { ...edge, nodeId: within(edge.nodeId) })
  if (!own.caseSensitive)
    told.warning('FILE_INVALID', ['caseSensitive'], 'port names are taken as they are written in a composed graph')
  const processes = (graph.processes ??= {})
  for (const [id, node] of Object.entries(own.processes ?? {})) {
    if (Object.hasOwn(processes, within(id))) {
      const advice = 'give one of the two graphs another "namespace" in its properties'
      told.error('NODE_DUPLICATE', ['processes', id], `two graphs have a node "${within(id)}"; ${advice}`)
    } else processes[within(id)] = { ...node, id: within(id) }
  }
  graph.connections?.push(
    ...(own.connections ?? []).map(({ from, to, ...rest }) => ({ from: inside(from), to: inside(to), ...rest })),
  )
  for (const side of ['inports', 'outports'] as const)
    for (const [name, edge] of Object.entries(own[side] ?? {})) (graph[side] ??= {})[within(name)] = inside(edge)
  for (const group of own.groups ?? [])
    graph.groups?.push({ ...group, id: within(group.id), nodes: group.nodes.map(within) })
  graph.groups?.push({ id: member.namespace, nodes: Object.keys(own.processes ?? {}).map(within) })
  const tagged = millraceOf(own.properties)['initials']
  for (const initial of Array.isArray(tagged) ? tagged : [])
    initials.push(isRecord(initial) ? { ...initial, node: within(String(initial['node'])) } : initial)
}

function addExternalConnections(
  graph: GraphExport,
  member: WorkspaceMember,
  members: readonly WorkspaceMember[],
  findings: WorkspaceFindings,
): void {
  const listed = member.graph['externalConnections']
  if (!Array.isArray(listed)) return
  for (const [index, entry] of listed.entries()) {
    const connection = externalConnection(entry)
    const path = ['externalConnections', index]
    const told = findings.in(member.file)
    if (!connection) {
      const expected = '"connectionId", "targetGraph", "fromProcess", "fromPort", "toProcess" and "toPort"'
      told.error('FILE_INVALID', path, `expected an external connection with ${expected}`)
      continue
    }
    const { targetGraph, targetNamespace, fromProcess, fromPort, toProcess, toPort, metadata } = connection
    const target = members.find((other) => isMeant(other, targetGraph, targetNamespace))
    if (!target) {
      const near = didYouMean(
        targetGraph,
        members.map(({ name }) => name),
      )
      told.error(
        'DEPENDENCY_MISSING',
        [...path, 'targetGraph'],
        `there is no graph "${targetGraph}" in the workspace${near}`,
      )
      continue
    }
    const isWhole = [
      hasNode(member, fromProcess, [...path, 'fromProcess'], member, findings),
      hasNode(target, toProcess, [...path, 'toProcess'], member, findings),
    ].every(Boolean)
    if (isWhole)
      join(
        graph,
        { node: qualified(member, fromProcess), port: fromPort },
        { node: qualified(target, toProcess), port: toPort },
        metadata,
      )
  }
}

function externalConnection(entry: unknown) {
  if (!isRecord(entry)) return undefined
  const { targetGraph, targetNamespace, fromProcess, fromPort, toProcess, toPort, metadata } = entry
  if (typeof targetGraph !== 'string' || typeof fromProcess !== 'string' || typeof fromPort !== 'string')
    return undefined
  if (typeof toProcess !== 'string' || typeof toPort !== 'string') return undefined
  return {
    targetGraph,
    targetNamespace: typeof targetNamespace === 'string' && targetNamespace !== '' ? targetNamespace : undefined,
    fromProcess,
    fromPort,
    toProcess,
    toPort,
    metadata: isRecord(metadata) ? metadata : undefined,
  }
}
