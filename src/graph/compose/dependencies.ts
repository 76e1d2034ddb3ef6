// One by one: the whole package reads some forty files more, at every start.
import satisfies from 'semver/functions/satisfies.js'
import valid from 'semver/functions/valid.js'
import validRange from 'semver/ranges/valid.js'
import { didYouMean } from '../suggest.ts'
import { cyclicParts, cycleThrough, layersOf, wiringOf } from '../wiring.ts'
import { isMeant, type Dependency, type WorkspaceMember } from './workspace.ts'
import type { WorkspaceFindings } from './workspace-findings.ts'

/**
 * Puts the graphs of a workspace in an order in which each comes after those it depends on, and tells of dependencies that are
 * missing, of another version than asked for, or that go round.
 */
export function orderByDependency(
  members: readonly WorkspaceMember[],
  findings: WorkspaceFindings,
): { ordered: WorkspaceMember[]; needs: ReadonlyMap<WorkspaceMember, WorkspaceMember[]> } {
  const needs = new Map(
    members.map((member) => [
      member,
      member.dependencies.flatMap((dependency) => resolveDependency(member, dependency, members, findings) ?? []),
    ]),
  )
  const wiring = wiringOf(
    members.map(({ file }) => file),
    members.flatMap((member) =>
      (needs.get(member) ?? []).map(({ file }) => ({ from: { node: file }, to: { node: member.file } })),
    ),
  )
  for (const part of cyclicParts(wiring)) {
    const start = Math.min(...part)
    const round = [...cycleThrough(start, part, wiring), start].map((number) => members[number]?.name ?? '')
    findings
      .in(members[start]?.file ?? '')
      .error(
        'DEPENDENCY_CYCLE',
        ['graphDependencies'],
        `graphs depend on each other in a circle: ${round.reverse().join(' -> ')}`,
      )
  }
  const layers = layersOf(wiring)
  const ordered = members
    .map((member, number) => ({ member, layer: layers[number] ?? 0 }))
    .sort((one, other) => one.layer - other.layer)
    .map(({ member }) => member)
  return { ordered, needs }
}

function resolveDependency(
  user: WorkspaceMember,
  { graphName, namespace, versionConstraint, required, path }: Dependency,
  members: readonly WorkspaceMember[],
  findings: WorkspaceFindings,
): WorkspaceMember | undefined {
  const told = findings.in(user.file)
  const found = members.filter((member) => isMeant(member, graphName, namespace))
  const name = namespace === undefined ? `"${graphName}"` : `"${graphName}" in the namespace "${namespace}"`
  if (found.length === 0) {
    const near = didYouMean(
      graphName,
      members.filter((member) => member !== user).map((member) => member.name),
    )
    const message = `"${user.name}" needs the graph ${name}, which is not in the workspace${near}`
    if (required) told.error('DEPENDENCY_MISSING', path, message)
    else told.warning('DEPENDENCY_MISSING', path, message)
    return undefined
  }
  if (versionConstraint !== undefined) {
    if (validRange(versionConstraint) === null)
      told.error(
        'DEPENDENCY_VERSION',
        path,
        `"${versionConstraint}" is no range of versions; write one such as "^1.2.0"`,
      )
    else {
      const fitting = found.find(
        ({ version }) => version !== undefined && valid(version) && satisfies(version, versionConstraint),
      )
      if (fitting) return fitting
      const there = found.map(({ version }) => version ?? 'no version').join(', ')
      told.error('DEPENDENCY_VERSION', path, `"${user.name}" needs ${name} ${versionConstraint}, there is ${there}`)
    }
  }
  return found[0]
}
