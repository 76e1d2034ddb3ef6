import type { InstanceDescription } from '../../shared/index.ts'

/** Where a node stands in a picture of rows; columns are counted from the middle and may be fractions. */
export interface RowPlace {
  id: string
  row: number
  column: number
}

type Graph = Pick<InstanceDescription, 'nodes' | 'wires' | 'exports'>
type Step = readonly [from: string, to: string]

/** How far a node that gathers from many stands aside, so that the wires to it do not run behind the others. */
const aside = 0.5

/**
 * Places nodes in rows: sources first, everything below what feeds it, sources just above what they feed. In a row the nodes
 * keep the order of those that feed them, remote ones on the left and exported ones on the right, where links arrive and leave.
 */
export function rowsOf(graph: Graph): RowPlace[] {
  const steps = stepsOf(graph)
  const ranks = ranksOf(
    graph.nodes.map(({ id }) => id),
    steps,
  )
  const rows: string[][] = []
  for (const [id, rank] of ranks) (rows[rank] ??= []).push(id)
  const remote = new Set(graph.nodes.filter(({ role }) => role === 'remote').map(({ id }) => id))
  const sideOf = (id: string) => (remote.has(id) ? -1 : graph.exports.includes(id) ? 1 : 0)
  const columns = new Map<string, number>()
  return rows.flatMap((ids, row) => {
    const sorted = ids
      .map((id) => ({ id, wish: meanColumn(id, steps, columns), right: sideOf(id) }))
      .sort((one, other) => one.right - other.right || one.wish - other.wish)
    const shift = ids.length === 1 && gathers(ids[0] ?? '', steps) ? aside : 0
    return sorted.map(({ id }, index) => {
      const column = index - (sorted.length - 1) / 2 + shift
      columns.set(id, column)
      return { id, row, column }
    })
  })
}

/** From node to node, each pair once, without those that close a ring: first those that run backwards in the drawing. */
function stepsOf({ nodes, wires }: Graph): Step[] {
  const drawnAt = new Map(nodes.map(({ id, position }) => [id, position?.x]))
  const pairs = new Map(wires.map(({ from, to }) => [`${from.node} ${to.node}`, [from.node, to.node] as const]))
  const isBackward = ([from, to]: Step) => (drawnAt.get(to) ?? 0) < (drawnAt.get(from) ?? 0)
  const forward = [...pairs.values()].filter(([from, to]) => from !== to && drawnAt.has(from) && drawnAt.has(to))
  const inOrder = [...forward.filter((step) => !isBackward(step)), ...forward.filter(isBackward)]
  const kept: Step[] = []
  for (const [from, to] of inOrder) if (!reaches(to, from, kept)) kept.push([from, to])
  return kept
}

function reaches(from: string, to: string, steps: readonly Step[], seen = new Set<string>()): boolean {
  if (from === to) return true
  if (seen.has(from)) return false
  seen.add(from)
  return steps.some(([start, end]) => start === from && reaches(end, to, steps, seen))
}

/** The longest way from a source to each node. */
function ranksOf(ids: readonly string[], steps: readonly Step[]): Map<string, number> {
  const ranks = new Map(ids.map((id) => [id, 0]))
  // Without rings the longest way has fewer steps than there are nodes.
  for (let round = 0; round < ids.length; round += 1)
    for (const [from, to] of steps) ranks.set(to, Math.max(ranks.get(to) ?? 0, (ranks.get(from) ?? 0) + 1))
  const sources = ids.filter((id) => steps.some(([from]) => from === id) && !steps.some(([, to]) => to === id))
  for (const id of sources) {
    const fed = steps.filter(([from]) => from === id).map(([, to]) => ranks.get(to) ?? 0)
    ranks.set(id, Math.min(...fed) - 1)
  }
  return ranks
}

function meanColumn(id: string, steps: readonly Step[], columns: ReadonlyMap<string, number>): number {
  const above = steps.filter(([, to]) => to === id).map(([from]) => columns.get(from) ?? 0)
  return above.length > 0 ? above.reduce((sum, column) => sum + column, 0) / above.length : 0
}

function gathers(id: string, steps: readonly Step[]): boolean {
  return steps.filter(([, to]) => to === id).length >= 3 && steps.filter(([from]) => from === id).length <= 1
}
