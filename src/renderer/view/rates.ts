import type { InstanceMetrics, LinkSnapshot } from '../../shared/index.ts'

/** What a node does per second. */
export interface NodeRates {
  received: number
  sent: number
  errors: number
  /** Shares of the time, 0 to 1: in its behaviour, and kept from going on by full wires. The rest is idle. */
  busy: number
  blocked: number
}

/** What happens per second, by the names that the snapshots use. */
export interface Rates {
  /** Messages that the instance's nodes received. */
  messages: number
  nodes: ReadonlyMap<string, NodeRates>
  wires: ReadonlyMap<string, number>
  /** By `linkKey`. */
  links: ReadonlyMap<string, { sent: number; received: number }>
  /** By `channelKey`. */
  channels: ReadonlyMap<string, number>
}

type Channel = LinkSnapshot['channels'][number]

/** Names a link among those of its instance. */
export function linkKey(link: Pick<LinkSnapshot, 'peer' | 'direction'>): string {
  return `${link.direction} ${link.peer}`
}

/** Names a channel among those of its instance. */
export function channelKey(peer: string, channel: Pick<Channel, 'direction' | 'node' | 'port'>): string {
  return `${peer} ${channel.direction} ${channel.node}.${channel.port}`
}

/** Rates are taken over this span: long enough not to flicker, short enough to feel live. */
export const rateWindowMs = 2_000

/**
 * The snapshots that rates are made from, oldest first, after another one has come. A restarted instance counts from nought
 * again, so its earlier snapshots go.
 */
export function withSnapshot(history: readonly InstanceMetrics[], next: InstanceMetrics): InstanceMetrics[] {
  const last = history.at(-1)
  const restarted = last !== undefined && next.process.uptimeMs < last.process.uptimeMs
  if (restarted || last === undefined) return [next]
  if (next.timeMs <= last.timeMs) return [...history.slice(0, -1), next]
  const all = [...history, next]
  // The oldest one kept lies at or before the window's beginning, so that the window is always covered.
  const beginning = next.timeMs - rateWindowMs
  const firstInside = all.findIndex(({ timeMs }) => timeMs > beginning)
  return all.slice(Math.max(0, firstInside - 1))
}

/** Rates between the oldest and the newest snapshot; all nought while there is only one. */
export function ratesOf(history: readonly InstanceMetrics[]): Rates {
  const [older, newer] = [history[0], history.at(-1)]
  const seconds = older && newer ? (newer.timeMs - older.timeMs) / 1000 : 0
  if (!older || !newer || seconds <= 0)
    return { messages: 0, nodes: new Map(), wires: new Map(), links: new Map(), channels: new Map() }
  const rate = (now: number, before: number | undefined) => Math.max(0, now - (before ?? 0)) / seconds

  const oldNodes = new Map(older.nodes.map((node) => [node.id, node]))
  const nodes = newer.nodes.map((node) => {
    const before = oldNodes.get(node.id)
    const busy = Math.min(1, rate(node.busyMs, before?.busyMs) / 1000)
    return [
      node.id,
      {
        received: rate(node.received, before?.received),
        sent: rate(node.sent, before?.sent),
        errors: rate(node.errors, before?.errors),
        busy,
        blocked: Math.min(1 - busy, rate(node.blockedMs, before?.blockedMs) / 1000),
      },
    ] as const
  })
  const oldWires = new Map(older.wires.map((wire) => [wire.id, wire.accepted]))
  const oldLinks = new Map(older.links.map((link) => [linkKey(link), link]))
  const oldChannels = new Map(channelCounts(older))
  return {
    messages: nodes.reduce((sum, [, { received }]) => sum + received, 0),
    nodes: new Map(nodes),
    wires: new Map(newer.wires.map((wire) => [wire.id, rate(wire.accepted, oldWires.get(wire.id))])),
    links: new Map(
      newer.links.map((link) => {
        const before = oldLinks.get(linkKey(link))
        return [
          linkKey(link),
          { sent: rate(link.sent, before?.sent), received: rate(link.received, before?.received) },
        ] as const
      }),
    ),
    channels: new Map(channelCounts(newer).map(([key, count]) => [key, rate(count, oldChannels.get(key))])),
  }
}

function channelCounts(metrics: InstanceMetrics): [string, number][] {
  return metrics.links.flatMap((link) =>
    link.channels.map((channel): [string, number] => [channelKey(link.peer, channel), channel.messages]),
  )
}
