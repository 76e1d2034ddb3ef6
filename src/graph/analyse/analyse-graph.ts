import {
  MillraceError,
  type AnalysisRequest,
  type Bottleneck,
  type GraphAnalysis,
  type GraphExport,
  type Reach,
} from '../../shared/index.ts'
import { nodesOf, wiresOf } from '../graph-parts.ts'
import { didYouMean } from '../suggest.ts'
import { cyclicParts, reachableFrom, wiringOf, type Wiring } from '../wiring.ts'
import { countWays, forwardOf, heaviestWay, type Forward } from './forward.ts'
import { findWays } from './ways.ts'

const waysListed = 20
const shortestChain = 3
const mostBottlenecks = 10

/**
 * Says what the wiring of a graph means for how it can run: what can go on at the same time, what is longest, where much
 * comes together. Takes time in proportion to the graph.
 * @throws MillraceError `NODE_UNKNOWN` when the request names a node that is not there.
 */
export function analyseGraph(graph: GraphExport, request: AnalysisRequest = {}): GraphAnalysis {
  const wires = wiresOf(graph)
  const ids = nodesOf(graph).map(({ id }) => id)
  return analyseWiring(wiringOf(ids, wires), wires.length, request)
}

/** As `analyseGraph`, of nodes and wires wherever they are known from. */
export function analyseWiring(wiring: Wiring, wires: number, request: AnalysisRequest): GraphAnalysis {
  const forward = forwardOf(wiring)
  const named = (numbers: readonly number[]) => numbers.map((number) => wiring.ids[number] ?? '')
  const find = (id: string | undefined) => (id === undefined ? undefined : numberOf(wiring, id))
  const parts = partsOf(wiring)
  const { count, listed } = findWays(
    wiring,
    { from: find(request.from), to: find(request.to) },
    request.limit ?? waysListed,
  )
  return {
    nodes: wiring.ids.length,
    wires,
    stages: stagesOf(forward).map(named),
    parts: parts.map(named),
    cycles: cyclicParts(wiring)
      .map((part) => part.toSorted((one, other) => one - other))
      .sort((one, other) => (one[0] ?? 0) - (other[0] ?? 0))
      .map(named),
    chains: chainsOf(forward, wiring).map(named),
    criticalPath: { nodes: named(heaviestWay(forward, () => 1)) },
    ways: { count: countable(count), listed: listed.map(named) },
    bottlenecks: bottlenecksOf(forward, parts),
    ...(request.node !== undefined && { reach: reachOf(wiring, request.node) }),
  }
}

/**
 * Finds what leads to a node and what it leads to.
 * @throws MillraceError `NODE_UNKNOWN`.
 */
export function reachOf(wiring: Wiring, id: string): Reach {
  const number = numberOf(wiring, id)
  const others = (neighbours: Wiring['next']) =>
    [...reachableFrom(neighbours[number] ?? [], neighbours)]
      .sort((one, other) => one - other)
      .map((each) => wiring.ids[each] ?? '')
  return { node: id, upstream: others(wiring.previous), downstream: others(wiring.next) }
}

function numberOf({ numbers }: Wiring, id: string): number {
  const number = numbers.get(id)
  if (number !== undefined) return number
  const [first, ...others] = numbers.keys()
  const some = first === undefined ? '; it has none' : `; it has "${first}"${others.length > 0 ? ' and others' : ''}`
  throw new MillraceError('NODE_UNKNOWN', `there is no node "${id}"${didYouMean(id, numbers.keys()) || some}`)
}

function stagesOf({ order, stage }: Forward): number[][] {
  const stages: number[][] = []
  for (const node of order) (stages[stage[node] ?? 0] ??= []).push(node)
  return stages
}

function partsOf({ ids, next, previous }: Wiring): number[][] {
  const both = ids.map((_, node) => [...(next[node] ?? []), ...(previous[node] ?? [])])
  const isSeen = new Uint8Array(ids.length)
  return ids.flatMap((_, start) => {
    if (isSeen[start]) return []
    const part = [...reachableFrom([start], both)].sort((one, other) => one - other)
    for (const node of part) isSeen[node] = 1
    return [part]
  })
}

/** A step of a chain has one way on, and the node behind it no other way in, cycles included. */
function chainsOf({ order, next }: Forward, wiring: Wiring): number[][] {
  const follower = (node: number): number | undefined => {
    const [target, ...others] = wiring.next[node] ?? []
    if (target === undefined || others.length > 0 || wiring.previous[target]?.length !== 1) return undefined
    return next[node]?.[0]
  }
  const followers = order.map((_, node) => follower(node))
  const isFollower = new Uint8Array(order.length)
  for (const node of followers) if (node !== undefined) isFollower[node] = 1
  return order.flatMap((start) => {
    if (isFollower[start]) return []
    const chain = [start]
    for (let node = followers[start]; node !== undefined; node = followers[node]) chain.push(node)
    return chain.length >= shortestChain ? [chain] : []
  })
}

/** Nodes on which several ways come together, and through which at least half of the ways lead, or many nodes send. */
function bottlenecksOf(forward: Forward, parts: readonly (readonly number[])[]): Bottleneck[] {
  const { to, from } = countWays(forward)
  const { ids, previous, next } = forward
  const sourcesOf = (node: number) => previous[node]?.length ?? 0
  const joints = ids.reduce((sum, _, node) => sum + sourcesOf(node), 0)
  const many = Math.max(4, (3 * joints) / Math.max(1, ids.length))
  const found = parts.flatMap((part) => {
    const all = part.reduce((sum, node) => (next[node]?.length === 0 ? sum + (to[node] ?? 0n) : sum), 0n)
    return part.flatMap((node): Bottleneck[] => {
      const [waysIn, waysOut] = [to[node] ?? 0n, from[node] ?? 0n]
      const isHalf = 2n * waysIn * waysOut >= all
      if (waysIn < 2n || (!isHalf && sourcesOf(node) < many)) return []
      const share = Number((waysIn * waysOut * 10_000n) / all) / 10_000
      return [{ node: ids[node] ?? '', share, waysIn: countable(waysIn), sources: sourcesOf(node) }]
    })
  })
  return found
    .sort((one, other) => other.share - one.share || other.sources - one.sources || other.waysIn - one.waysIn)
    .slice(0, mostBottlenecks)
}

function countable(count: bigint): number {
  return count > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(count)
}
