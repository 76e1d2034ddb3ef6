import type { GraphExport } from '../../shared/index.ts'
import { isRecord } from '../graph-parts.ts'
import { hasNode, join, qualified } from './join.ts'
import type { WorkspaceMember } from './workspace.ts'
import type { WorkspaceFindings } from './workspace-findings.ts'

/** A port that a graph offers to others, or wants to be fed by them, under a name that both know. */
export interface GraphInterface {
  member: WorkspaceMember
  id: string
  node: string
  port: string
  dataType: string | undefined
  required: boolean
  path: (string | number)[]
}

/** Lists the interfaces of a graph, in the form that Reflow gives them. */
export function interfacesOf(member: WorkspaceMember, side: 'provided' | 'required'): GraphInterface[] {
  const key = side === 'provided' ? 'providedInterfaces' : 'requiredInterfaces'
  const listed = member.graph[key]
  if (!isRecord(listed)) return []
  return Object.entries(listed).flatMap(([name, entry]) => {
    if (!isRecord(entry) || typeof entry['processName'] !== 'string' || typeof entry['portName'] !== 'string') return []
    const { interfaceId, processName, portName, dataType, required } = entry
    return [
      {
        member,
        id: typeof interfaceId === 'string' && interfaceId !== '' ? interfaceId : name,
        node: processName,
        port: portName,
        dataType: typeof dataType === 'string' && dataType !== '' ? dataType : undefined,
        required: required !== false,
        path: [key, name],
      },
    ]
  })
}

/**
 * Wires what a graph requires to what another provides under the same name. With several that provide it, those that the graph
 * depends on are asked first; if that does not settle it, nothing is guessed.
 */
export function joinInterfaces(
  graph: GraphExport,
  members: readonly WorkspaceMember[],
  needs: ReadonlyMap<WorkspaceMember, WorkspaceMember[]>,
  findings: WorkspaceFindings,
): void {
  const provided = members.flatMap((member) => interfacesOf(member, 'provided'))
  for (const wanted of members.flatMap((member) => interfacesOf(member, 'required'))) {
    const { member, id, path } = wanted
    const told = findings.in(member.file)
    const others = provided.filter((offer) => offer.id === id && offer.member !== member)
    const nearer = others.filter((offer) => needs.get(member)?.includes(offer.member))
    const [offer, ...more] = nearer.length > 0 ? nearer : others
    if (!offer) {
      const message = `"${member.name}" requires the interface "${id}", which no graph of the workspace provides`
      if (wanted.required) told.error('INTERFACE_UNSATISFIED', path, message)
      else told.warning('INTERFACE_UNSATISFIED', path, message)
      continue
    }
    if (more.length > 0) {
      const names = [offer, ...more].map((one) => `"${one.member.name}"`).join(' and ')
      told.error(
        'INTERFACE_AMBIGUOUS',
        path,
        `${names} both provide the interface "${id}"; name one in "graphDependencies" of "${member.name}"`,
      )
      continue
    }
    if (offer.dataType !== undefined && wanted.dataType !== undefined && offer.dataType !== wanted.dataType)
      told.error(
        'KIND_MISMATCH',
        path,
        `the interface "${id}" gives ${offer.dataType} in "${offer.member.name}", "${member.name}" requires ${wanted.dataType}`,
      )
    const isWhole = [
      hasNode(offer.member, offer.node, [...offer.path, 'processName'], offer.member, findings),
      hasNode(member, wanted.node, [...path, 'processName'], member, findings),
    ].every(Boolean)
    if (isWhole)
      join(
        graph,
        { node: qualified(offer.member, offer.node), port: offer.port },
        { node: qualified(member, wanted.node), port: wanted.port },
      )
  }
}
