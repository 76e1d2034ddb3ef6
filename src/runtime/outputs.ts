import type { NodeFailures } from './node-failures.ts'
import type { Outbox } from './outbox.ts'
import type { Outports } from './outport.ts'

/** Where what a behaviour returns goes. */
export interface EmittingNode {
  readonly outports: Outports
  readonly outbox: Outbox
  readonly failures: NodeFailures
}

/** Emits what a behaviour returned, port by port; what is for a port that does not exist becomes a dead letter. */
export function emitOutputs({ outports, outbox, failures }: EmittingNode, outputs: object): void {
  const byPort = outputs as Readonly<Record<string, unknown>>
  for (const name in byPort) {
    const value = byPort[name]
    const outport = outports.find(name)
    if (outport === undefined) failures.putNowhere(name, value)
    else if (value !== undefined || outport.emitsUndefined) outbox.put(outport, value)
  }
}
