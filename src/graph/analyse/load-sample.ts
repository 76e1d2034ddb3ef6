import type { InstanceMetrics } from '../../shared/index.ts'
import { wiringOf, type Wiring } from '../wiring.ts'

/** One look at a running network. */
export type LoadSample = Pick<InstanceMetrics, 'timeMs' | 'nodes' | 'wires'>

/** A look at a network that has just begun: everything since then counts. */
export function beginningOf(now: LoadSample, uptimeMs: number): LoadSample {
  return { timeMs: now.timeMs - uptimeMs, nodes: [], wires: [] }
}

/** Who feeds whom in what runs; what takes messages out to links is a node of it. */
export function runningWiring({ nodes, wires }: LoadSample): Wiring {
  return wiringOf(
    nodes.map(({ id }) => id),
    wires,
  )
}
