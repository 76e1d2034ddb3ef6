import type { Network } from '../../runtime/index.ts'
import { describeError } from '../../shared/index.ts'

const quietMs = 1_000

/** Says in the log where in an own actor a behaviour failed, at most once a second for each node. */
export function reportFailures(
  network: Network,
  placeOf: (error: unknown) => string | undefined,
  log: (node: string, text: string) => void,
): void {
  const saidAtMs = new Map<string, number>()
  network.subscribe((event) => {
    if (event.type !== 'nodeFailed') return
    const nowMs = performance.now()
    if (nowMs - (saidAtMs.get(event.node) ?? -Infinity) < quietMs) return
    const place = placeOf(event.error)
    if (place === undefined) return
    saidAtMs.set(event.node, nowMs)
    log(event.node, `${describeError(event.error)} (${place})`)
  })
}
