import type { GraphAnalysis, AnalysisRequest, NetworkLoad, NodeLoad, NodeSnapshot } from '../../shared/index.ts'
import { analyseWiring } from './analyse-graph.ts'
import { forwardOf, heaviestWay } from './forward.ts'
import { jamsOf } from './jams.ts'
import { runningWiring, type LoadSample } from './load-sample.ts'

/** Analyses the wiring of what runs, with the critical path by the time that a message takes; see `analyseGraph`. */
export function analyseNetwork(
  before: LoadSample,
  now: LoadSample,
  request: AnalysisRequest = {},
): { analysis: GraphAnalysis; load: NetworkLoad } {
  const load = analyseLoad(before, now)
  const analysis = analyseWiring(runningWiring(now), now.wires.length, request)
  return { analysis: { ...analysis, criticalPath: load.criticalPath }, load }
}

/** Tells where time went between two looks at a network, and who blocked whom. */
export function analyseLoad(before: LoadSample, now: LoadSample): NetworkLoad {
  const overMs = Math.max(1, now.timeMs - before.timeMs)
  const earlier = new Map(before.nodes.map((node) => [node.id, node]))
  const loads = now.nodes.map((node) => loadOf(node, earlier.get(node.id), overMs))
  const forward = forwardOf(runningWiring(now))
  const msAt = (number: number) => timeOf(loads[number])
  const critical = heaviestWay(forward, msAt)
  for (const number of critical) if (loads[number]) loads[number].isOnCriticalPath = true
  return {
    overMs,
    nodes: loads.toSorted((one, other) => timeOf(other) - timeOf(one) || other.queued - one.queued),
    jams: jamsOf(before, now, new Map(loads.map((load) => [load.node, load]))),
    criticalPath: {
      nodes: critical.map((number) => forward.ids[number] ?? ''),
      ms: critical.reduce((sum, number) => sum + msAt(number), 0),
    },
  }
}

/** How long a message takes from its arrival at a node until it is processed. */
function timeOf(load: NodeLoad | undefined): number {
  return (load?.serviceMs ?? 0) + (load?.waitMs ?? 0)
}

function loadOf(node: NodeSnapshot, before: NodeSnapshot | undefined, overMs: number): NodeLoad {
  // A node that was replaced counts from nought again.
  const grown = (field: 'received' | 'sent' | 'busyMs' | 'blockedMs') =>
    Math.max(0, node[field] - (before?.[field] ?? 0))
  const handled = grown('received') || grown('sent')
  const perSecond = (handled * 1_000) / overMs
  const busy = Math.min(1, grown('busyMs') / overMs)
  return {
    node: node.id,
    perSecond,
    busy,
    blocked: Math.min(1 - busy, grown('blockedMs') / overMs),
    ...(handled > 0 && { serviceMs: grown('busyMs') / handled }),
    // Little's law: what stands in a queue over what leaves it per second is how long each waits.
    ...((handled > 0 || node.queued === 0) && { waitMs: node.queued === 0 ? 0 : (node.queued * 1_000) / perSecond }),
    queued: node.queued,
    isOnCriticalPath: false,
  }
}
