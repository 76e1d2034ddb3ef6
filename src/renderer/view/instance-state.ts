import type { InstanceDescription, InstanceState, NodeSnapshot } from '../../shared/index.ts'
import { assertNever } from '../../shared/index.ts'

/** What can be asked of an instance. */
export const instanceActions = ['start', 'stop', 'restart', 'kill'] as const
export type InstanceAction = (typeof instanceActions)[number]

/** Whether an action makes sense in this state; the lab has the last word. */
export function isPossible(action: InstanceAction, state: InstanceState): boolean {
  const alive = state === 'running' || state === 'starting' || state === 'stopping'
  switch (action) {
    case 'start':
      return !alive
    case 'stop':
      return state === 'running' || state === 'starting'
    case 'restart':
      return state === 'running' || state === 'failed' || state === 'crashed'
    case 'kill':
      return alive
    default:
      return assertNever(action)
  }
}

/** Whether all nodes of an instance stand still because somebody paused them. */
export function isPaused(nodes: readonly Pick<NodeSnapshot, 'state'>[]): boolean {
  return nodes.length > 0 && nodes.every(({ state }) => state === 'paused')
}

/** How a lab as a whole is doing: one word for its colour, one line for its reader. */
export interface OverallState {
  tone: 'none' | 'stopped' | 'changing' | 'running' | 'partly' | 'failed'
  text: string
}

/** Sums up the states of all instances. */
export function overallState(instances: readonly Pick<InstanceDescription, 'state'>[]): OverallState {
  const count = (...states: InstanceState[]) => instances.filter(({ state }) => states.includes(state)).length
  const total = instances.length
  if (total === 0) return { tone: 'none', text: 'no instances' }
  const failed = count('failed', 'crashed')
  const running = count('running')
  if (failed > 0) return { tone: 'failed', text: `${failed} of ${total} failed, ${running} running` }
  const changing = count('starting', 'stopping')
  if (changing > 0)
    return { tone: 'changing', text: count('starting') > 0 ? `starting, ${running} of ${total} running` : 'stopping' }
  if (running === total) return { tone: 'running', text: total === 1 ? 'running' : `all ${total} running` }
  return running === 0
    ? { tone: 'stopped', text: 'stopped' }
    : { tone: 'partly', text: `${running} of ${total} running` }
}

/** A node between two messages is not idle to its viewer: it counts as running while messages go through it. */
export function shownNodeState(
  node: NodeSnapshot,
  rate: { received: number; sent: number } | undefined,
): NodeSnapshot['state'] {
  const busy = rate !== undefined && rate.received + rate.sent > 0
  return node.state === 'idle' && busy ? 'running' : node.state
}
