import type { GraphExport } from '../../shared/index.ts'
import { isRecord } from '../graph-parts.ts'

/** A graph file of a workspace. */
export interface WorkspaceFile {
  /** Its path below the workspace's folder, with `/`. */
  file: string
  graph: GraphExport
}

/** A graph of a workspace, with the names by which the others know it. */
export interface WorkspaceMember extends WorkspaceFile {
  name: string
  /** What stands before the ids of its nodes: `namespace/node`. */
  namespace: string
  version: string | undefined
  dependencies: Dependency[]
}

/** What a graph says of another one that it needs. */
export interface Dependency {
  graphName: string
  namespace?: string
  /** A range as npm writes it, such as `^1.2.0`. */
  versionConstraint?: string
  required: boolean
  /** Where in the file it stands. */
  path: (string | number)[]
}

/**
 * Names the graphs of a workspace. The namespace is the graph's own (`properties.namespace`), else the folder it lies in, else
 * its name.
 */
export function membersOf(files: readonly WorkspaceFile[]): WorkspaceMember[] {
  return files.map(({ file, graph }) => {
    const { name: given, namespace, version } = graph.properties
    const name =
      typeof given === 'string' && given !== '' ? given : file.replace(/^.*\//, '').replace(/\.graph\.json$/, '')
    const folder = file.includes('/') ? file.replace(/\/[^/]*$/, '') : ''
    return {
      file,
      graph,
      name,
      namespace: typeof namespace === 'string' && namespace !== '' ? namespace : folder || name,
      version: typeof version === 'string' ? version : undefined,
      dependencies: dependenciesOf(graph),
    }
  })
}

/** Both ways to write them: `graphDependencies` as Reflow defines it, and the names in `properties.dependencies`. */
function dependenciesOf({ graphDependencies, properties }: GraphExport): Dependency[] {
  const detailed = (Array.isArray(graphDependencies) ? graphDependencies : []).flatMap((entry: unknown, index) => {
    if (!isRecord(entry) || typeof entry['graphName'] !== 'string') return []
    const { graphName, namespace, versionConstraint, required } = entry
    return [
      {
        graphName,
        ...(typeof namespace === 'string' && namespace !== '' && { namespace }),
        ...(typeof versionConstraint === 'string' && versionConstraint !== '' && { versionConstraint }),
        required: required !== false,
        path: ['graphDependencies', index],
      },
    ]
  })
  const names = properties['dependencies']
  const plain = (Array.isArray(names) ? names : []).flatMap((graphName: unknown, index) =>
    typeof graphName === 'string' ? [{ graphName, required: true, path: ['properties', 'dependencies', index] }] : [],
  )
  return [...detailed, ...plain]
}

/** Whether a member is the one that another means by a name, with or without a namespace. */
export function isMeant(member: WorkspaceMember, name: string, namespace?: string): boolean {
  return member.name === name && (namespace === undefined || member.namespace === namespace)
}
