import type { NodeFailures } from './node-failures.ts'
import type { Outbox } from './outbox.ts'
import { findOutport, type PortsOwner } from './outport.ts'

/** Where what a behaviour returns goes. */
export interface EmittingNode extends PortsOwner {
  readonly outbox: Outbox
  readonly failures: NodeFailures
}

/** Emits what a behaviour returned, port by port; what is for a port that does not exist becomes a dead letter. */
export function emitOutputs(node: EmittingNode, outputs: object): void {
  const { outbox, failures } = node
  const byPort = outputs as Readonly<Record<string, unknown>>
  for (const name in byPort) {
    const value = byPort[name]
    const outport = findOutport(node, name)
    if (outport === undefined) failures.putNowhere(name, value)
    else if (value !== undefined || outport.emitsUndefined) outbox.put(outport, value)
  }
}
