import { layersOf, type Wiring } from '../wiring.ts'

/** A wiring without the wires that close its cycles. */
export interface Forward extends Wiring {
  /** By number: how many nodes come before a node on its longest way. */
  stage: Int32Array
  /** All nodes, each after those that feed it. */
  order: readonly number[]
}

/** Leaves out what closes cycles, so that every way comes to an end. */
export function forwardOf(wiring: Wiring): Forward {
  const stage = layersOf(wiring)
  const stageOf = (node: number) => stage[node] ?? 0
  return {
    ...wiring,
    next: wiring.next.map((targets, from) => targets.filter((to) => stageOf(from) < stageOf(to))),
    previous: wiring.previous.map((sources, to) => sources.filter((from) => stageOf(from) < stageOf(to))),
    stage,
    order: Array.from(stage.keys()).sort((one, other) => stageOf(one) - stageOf(other) || one - other),
  }
}

/** The heaviest way through, by the weight of its nodes; among equals the one that the file names first. */
export function heaviestWay({ order, previous }: Forward, weightOf: (node: number) => number): number[] {
  const heaviest = new Float64Array(order.length)
  const cameFrom = new Int32Array(order.length).fill(-1)
  let last = order[0]
  for (const node of order) {
    for (const source of previous[node] ?? []) {
      const known = cameFrom[node] ?? -1
      const isHeavier = known === -1 || (heaviest[source] ?? 0) > (heaviest[known] ?? 0)
      if (isHeavier) cameFrom[node] = source
    }
    const before = cameFrom[node] ?? -1
    heaviest[node] = weightOf(node) + (before === -1 ? 0 : (heaviest[before] ?? 0))
    if (last === undefined || (heaviest[node] ?? 0) > (heaviest[last] ?? 0)) last = node
  }
  const way: number[] = []
  for (let node = last ?? -1; node !== -1; node = cameFrom[node] ?? -1) way.push(node)
  return way.reverse()
}

/** On how many ways each node is reached from where nothing comes in, and on how many one comes from it to an end. */
export function countWays({ order, previous, next }: Forward): { to: bigint[]; from: bigint[] } {
  const to = order.map(() => 1n)
  const from = order.map(() => 1n)
  const sum = (nodes: readonly number[], counts: bigint[]) =>
    nodes.reduce((total, node) => total + (counts[node] ?? 0n), 0n)
  for (const node of order) if ((previous[node]?.length ?? 0) > 0) to[node] = sum(previous[node] ?? [], to)
  for (const node of order.toReversed()) if ((next[node]?.length ?? 0) > 0) from[node] = sum(next[node] ?? [], from)
  return { to, from }
}
