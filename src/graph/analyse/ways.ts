import { reachableFrom, wiringOf, type Wiring } from '../wiring.ts'
import { countWays, forwardOf } from './forward.ts'

/** Where ways begin and end, by number of node; where neither is given, where nothing comes in and where nothing goes on. */
export interface WayEnds {
  from?: number | undefined
  to?: number | undefined
}

/** How many ways there are, and the first of them; a way goes along wires and passes no node twice. */
export interface Ways {
  count: bigint
  listed: number[][]
}

/**
 * Finds the ways through a graph. Those that go round a cycle are not counted: what closes it is left out. Takes time in
 * proportion to the graph and to what is listed, however many ways there are.
 */
export function findWays(wiring: Wiring, { from, to }: WayEnds, limit: number): Ways {
  const within = between(wiring, from, to)
  const forward = forwardOf(within)
  const starts = (from === undefined ? [...within.ids.keys()] : [from]).filter(
    (node) => forward.previous[node]?.length === 0 && (from === node || (forward.next[node]?.length ?? 0) > 0),
  )
  const isEnd = (node: number) => (to === undefined ? forward.next[node]?.length === 0 : node === to)
  const ending = reachableFrom(
    [...within.ids.keys()].filter((node) => isEnd(node)),
    forward.previous,
  )
  const useful = { ...forward, next: forward.next.map((targets) => targets.filter((target) => ending.has(target))) }
  const counts = countWays(useful).from
  const count = starts.filter((node) => ending.has(node)).reduce((sum, node) => sum + (counts[node] ?? 0n), 0n)
  const listed: number[][] = []
  for (const start of starts) if (ending.has(start)) list(start)
  return { count, listed }

  /** Without recursion, so that a chain of any length can be walked. */
  function list(start: number): void {
    const path = [{ node: start, at: 0 }]
    for (let step = path.at(-1); step && listed.length < limit; step = path.at(-1)) {
      const targets = useful.next[step.node] ?? []
      if (targets.length === 0) listed.push(path.map(({ node }) => node))
      const target = targets[step.at++]
      if (target === undefined) path.pop()
      else path.push({ node: target, at: 0 })
    }
  }
}

/** Only what lies between two nodes: what the first leads to and what leads to the second. */
function between(wiring: Wiring, from: number | undefined, to: number | undefined): Wiring {
  if (from === undefined && to === undefined) return wiring
  const after = from === undefined ? undefined : reachableFrom([from], wiring.next)
  const before = to === undefined ? undefined : reachableFrom([to], wiring.previous)
  const isInside = (node: number) => (after?.has(node) ?? true) && (before?.has(node) ?? true)
  const joints = wiring.next.flatMap((targets, source) =>
    targets.flatMap((target) => {
      const isKept = isInside(source) && isInside(target) && target !== from && source !== to
      return isKept ? [{ from: { node: wiring.ids[source] ?? '' }, to: { node: wiring.ids[target] ?? '' } }] : []
    }),
  )
  return wiringOf(wiring.ids, joints)
}
