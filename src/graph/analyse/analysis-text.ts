import type { Bottleneck, Jam, NodeLoad } from '../../shared/index.ts'
import { assertNever } from '../../shared/index.ts'

/** Says of a node in one line why it may hold up the rest. */
export function describeBottleneck({ node, share, waysIn, sources }: Bottleneck): string {
  const from = sources === 1 ? 'from one node' : `from ${sources} nodes`
  return `"${node}": ${percent(share)} of the ways lead through it; messages come on ${waysIn.toLocaleString('en')} ways, ${from}`
}

/** Says in one line who blocks whom, and where that begins. */
export function describeJam({ node, blocked, wire, by, root, reason }: Jam): string {
  const waits = `"${node}" is blocked ${percent(blocked)} of the time`
  const behind = by === undefined ? '' : ` by "${by}" (${String(wire)})`
  const cause = root === node || root === by ? '' : `; it begins at "${root}"`
  return `${waits}${behind}${cause}, ${describeReason(reason)}`
}

/** Says in one line where the time of a message goes at a node. */
export function describeLoad({ node, serviceMs, waitMs, busy, queued }: NodeLoad): string {
  const waits =
    waitMs === undefined ? `${queued} wait and none is taken` : `${waitMs === 0 ? 'no' : milliseconds(waitMs)} waiting`
  const works = serviceMs === undefined ? 'no message' : `${milliseconds(serviceMs)} at work`
  return `"${node}": ${waits}, ${works}; busy ${percent(busy)} of the time`
}

function describeReason(reason: Jam['reason']): string {
  switch (reason) {
    case 'busy':
      return 'which is busy'
    case 'paused':
    case 'parked':
    case 'stopped':
      return `which is ${reason}`
    case 'failed':
      return 'which has failed'
    case 'link':
      return 'which waits for its link'
    case 'breakpoint':
      return 'where a breakpoint holds messages'
    case 'circle':
      return 'where nodes wait for each other in a circle'
    case 'unknown':
      return 'which takes less than comes'
    default:
      return assertNever(reason)
  }
}

/** A share as people read it. */
function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function milliseconds(duration: number): string {
  return duration >= 10 ? `${Math.round(duration)} ms` : `${duration.toFixed(duration >= 1 ? 1 : 3)} ms`
}
