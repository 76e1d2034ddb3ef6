import { shallowRef } from 'vue'
import type { LogEntry } from '../../shared/index.ts'
import { useIntervalInSight } from '../parts/useIntervalInSight.ts'

/** A value that lines can be narrowed to, and how many have it. */
export interface Facet {
  name: string
  count: number
}

const recountMs = 2_000
const facetLimit = 60

/** Which instances and nodes wrote how many of the lines kept, most first; counted anew every two seconds. */
export function useFacets(lines: () => readonly LogEntry[], instance: () => string | undefined) {
  const instances = shallowRef<readonly Facet[]>([])
  const nodes = shallowRef<readonly Facet[]>([])

  let counted: { lines: readonly LogEntry[]; only: string | undefined } | undefined

  function count(): void {
    const byInstance = new Map<string, number>()
    const byNode = new Map<string, number>()
    const only = instance()
    const all = lines()
    // A log in which nothing is written costs nothing.
    if (counted?.lines === all && counted.only === only) return
    counted = { lines: all, only }
    for (const entry of all) {
      byInstance.set(entry.instance, (byInstance.get(entry.instance) ?? 0) + 1)
      if (entry.node !== undefined && (only === undefined || entry.instance === only))
        byNode.set(entry.node, (byNode.get(entry.node) ?? 0) + 1)
    }
    instances.value = mostFirst(byInstance)
    nodes.value = mostFirst(byNode)
  }

  count()
  useIntervalInSight(count, recountMs)
  return { instances, nodes, count }
}

function mostFirst(counts: ReadonlyMap<string, number>): Facet[] {
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((one, other) => other.count - one.count || one.name.localeCompare(other.name))
    .slice(0, facetLimit)
}
