import { commandLineNetwork, type InstanceMetrics, type InstanceState, type LinkSnapshot } from '../shared/index.ts'

/** What a whole run came to. */
export interface Summary {
  instances: InstanceSummary[]
  /** One entry for each direction of each link between instances of the lab. */
  links: LinkSummary[]
}

/** What one instance did. Messages are counted over its nodes, those that stand for nodes of peers among them. */
export interface InstanceSummary {
  networkId: string
  instanceId: string
  state: InstanceState
  reason?: string
  received: number
  sent: number
  errors: number
  deadLetters: number
}

/** What went over a link in one direction. */
export interface LinkSummary {
  from: string
  to: string
  state: LinkSnapshot['state']
  sent: number
  /** Absent for a peer outside of this lab: only that peer knows. */
  received?: number
  lost: number
  duplicated: number
}

/** An instance at the end of a run. */
export interface RanInstance {
  networkId: string
  instanceId: string
  state: InstanceState
  reason: string | undefined
  metrics: InstanceMetrics | undefined
}

/** Adds up the last figures of every instance. */
export function summarise(ran: readonly RanInstance[]): Summary {
  return { instances: ran.map(summariseInstance), links: summariseLinks(ran) }
}

function summariseInstance({ networkId, instanceId, state, reason, metrics }: RanInstance): InstanceSummary {
  const nodes = (metrics?.nodes ?? []).filter(({ role }) => role !== 'egress')
  return {
    networkId,
    instanceId,
    state,
    ...(reason !== undefined && { reason }),
    received: nodes.reduce((sum, node) => sum + node.received, 0),
    sent: nodes.reduce((sum, node) => sum + node.sent, 0),
    errors: nodes.reduce((sum, node) => sum + node.errors, 0),
    deadLetters: metrics?.deadLetters ?? 0,
  }
}

/** What an instance last said of its links is no longer so once it has ended without closing them. */
function stateOf(link: LinkSnapshot, instance: InstanceState): LinkSnapshot['state'] {
  const isOver = instance === 'crashed' || instance === 'failed' || instance === 'stopped'
  return isOver && link.state !== 'closed' && link.state !== 'refused' ? 'down' : link.state
}

function summariseLinks(ran: readonly RanInstance[]): LinkSummary[] {
  const ends = new Map<string, LinkSnapshot>()
  for (const { networkId, instanceId, metrics, state } of ran)
    for (const link of metrics?.links ?? []) {
      if (link.peer.startsWith(`${commandLineNetwork}/`)) continue
      ends.set(`${networkId}/${instanceId} ${link.peer}`, { ...link, state: stateOf(link, state) })
    }
  return [...ends].map(([key, sender]) => {
    const [from = '', to = ''] = key.split(' ')
    const receiver = ends.get(`${to} ${from}`)
    return {
      from,
      to,
      state: sender.state,
      // What arrived has been sent, also where a crash kept the sender from telling its last count.
      sent: Math.max(sender.sent, receiver?.received ?? 0),
      ...(receiver !== undefined && { received: receiver.received }),
      lost: sender.lost,
      duplicated: receiver?.duplicated ?? 0,
    }
  })
}
