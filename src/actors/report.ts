import type { Metrics } from './payloads.ts'

interface Reporter {
  readonly node: { readonly id: string; readonly networkId: string; readonly instanceId: string }
  now(): number
}

/** An instant as the payloads write it. */
export function toTimestamp(timeMs: number): string {
  return new Date(timeMs).toISOString()
}

/** How an instance is named everywhere: `networkId/instanceId`. */
export function instanceName({ node }: Reporter): string {
  return `${node.networkId}/${node.instanceId}`
}

/** The beginning of a model's id, which is enough for a person to tell it from others. */
export function shortId(id: string): string {
  return id.slice(0, 8)
}

/** The metrics payload of a node: its figures, and whose they are. */
export function makeMetrics(reporter: Reporter, figures: Readonly<Record<string, unknown>>): Metrics {
  return {
    ...figures,
    actor: reporter.node.id,
    instance: instanceName(reporter),
    timestamp: toTimestamp(reporter.now()),
  }
}

/** Publishes figures by name, so that the window charts them. */
export function publishGauges(
  publisher: { gauge(name: string, value: number): void },
  figures: Readonly<Record<string, number>>,
): void {
  for (const [name, value] of Object.entries(figures)) publisher.gauge(name, value)
}
