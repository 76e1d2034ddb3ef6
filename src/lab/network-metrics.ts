import type { Network } from '../runtime/index.ts'
import type { LinkSnapshot } from '../shared/index.ts'
import type { LoopLag } from './loop-lag.ts'
import { nodePlatform } from './node-platform.ts'
import { version } from './version.ts'

/** What runs in an instance, as Prometheus text; `createdMs` by the monotonic clock. */
export async function networkMetrics(
  { createdMs, ...name }: { networkId: string; instanceId: string; createdMs: number },
  { network, links, loopLag }: { network: Network; links: LinkSnapshot[]; loopLag: LoopLag },
): Promise<string> {
  // It takes long to load, and most instances are never asked.
  const { renderPrometheus } = await import('./prometheus.ts')
  const { user, system } = process.cpuUsage()
  const { rss: residentBytes, heapUsed: heapBytes } = process.memoryUsage()
  return renderPrometheus({
    ...name,
    version,
    uptimeMs: nodePlatform.monotonicMs() - createdMs,
    ...network.snapshot(),
    links,
    times: network.times(),
    loopLag: (percent) => loopLag.percentile(percent),
    process: { cpuSeconds: (user + system) / 1_000_000, residentBytes, heapBytes },
  })
}
