import type { NetworkLogLine } from './host-platform.ts'
import type { NetworkEvent } from './network-event.ts'

/** The log line of an event that a person should read; most need none. */
export function lineOf(event: NetworkEvent): NetworkLogLine | undefined {
  switch (event.type) {
    case 'nodeRestarting': {
      const { node, delayMs, restarts, reason } = event
      return { level: 'warn', node, text: `failed, restart ${restarts} comes in ${Math.round(delayMs)} ms: ${reason}` }
    }
    case 'nodeParked':
      return { level: 'error', node: event.node, text: `parked until somebody restarts it: ${event.reason}` }
    case 'nodeStarved':
      return { level: 'warn', node: event.node, text: event.reason }
    case 'escalated':
      return { level: 'error', node: event.node, text: `its failure ends the whole network: ${event.reason}` }
    case 'deadlock':
      return {
        level: 'error',
        node: undefined,
        text: `deadlock: these wires are full or starved and wait for each other: ${event.wires.join(', ')}; give one of them more capacity or a policy that drops [DEADLOCK]`,
      }
    case 'stateRestored': {
      const { node, savedAtMs, warning } = event
      const text = `goes on with its state of ${new Date(savedAtMs).toISOString()}`
      return warning === undefined
        ? { level: 'info', node, text }
        : { level: 'warn', node, text: `${text}: ${warning}` }
    }
    case 'stateLost':
      return { level: 'error', node: event.node, text: `its state is lost: ${event.reason} [STATE_BROKEN]` }
    case 'stateNotKept':
      return { level: 'error', node: event.node, text: `its state is not kept: ${event.reason} [STATE_NOT_KEPT]` }
    default:
      return undefined
  }
}
