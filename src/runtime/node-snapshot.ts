import type { NodeSnapshot } from '../shared/index.ts'
import type { NetworkNode } from './network-node.ts'

/** How long after its last message a node still counts as running. */
const activeMs = 1_000

/** Describes a node as it is at this moment. */
export function snapshotNode(node: NetworkNode): NodeSnapshot {
  const { figuresSoFar, outports, outbox } = node
  let sent = 0
  let waiting = outbox.waiting
  for (const outport of outports) {
    sent += outport.sent
    waiting += outport.waiting
  }
  const {
    kept,
    timeMs,
    turns: { timesKept },
  } = node
  const service = timesKept?.service.recent(timeMs)
  const wait = timesKept?.waiting.recent(timeMs)
  const { received, errors, deadLetters, lastError } = figuresSoFar
  return {
    id: node.id,
    component: node.actor.name,
    role: node.role,
    state: stateOf(node, waiting),
    received,
    sent,
    errors,
    deadLetters,
    queued: node.intake.queued,
    outbox: waiting,
    busyMs: node.busyMs,
    blockedMs: figuresSoFar.blockedMsAt(node.timeMs),
    gauges: node.gaugeValues,
    ...(service !== undefined && { service }),
    ...(wait !== undefined && { wait }),
    ...(kept !== undefined && { kept }),
    ...(lastError === undefined ? {} : { lastError }),
  }
}

function isRecent({ timeMs, figuresSoFar: { activeAtMs } }: NetworkNode): boolean {
  return timeMs - activeAtMs < activeMs
}

function stateOf(node: NetworkNode, waiting: number): NodeSnapshot['state'] {
  if (node.phase === 'failed') return node.isParked ? 'parked' : 'failed'
  if (node.phase === 'stopped' || node.phase === 'removed') return 'stopped'
  if (node.turns.allowance !== Infinity) return 'paused'
  if (waiting > 0) return 'blocked'
  const isSource = node.inports.length === 0
  const isActive = node.turns.scheduled || node.inFlight > 0 || isRecent(node)
  return isSource || isActive ? 'running' : 'idle'
}
