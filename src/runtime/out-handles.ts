import type { Sent } from './actor.ts'
import type { Outbox } from './outbox.ts'
import type { Outport, Outports } from './outport.ts'

/** The fast way to emit: `out.Output.send(value)`. */
export class OutHandle {
  readonly #outbox: Outbox
  readonly #outport: Outport

  constructor(outbox: Outbox, outport: Outport) {
    this.#outbox = outbox
    this.#outport = outport
  }

  send(value: unknown): Sent {
    return this.#outbox.emit(this.#outport, value)
  }
}

/** A handle for each outport, by name. */
export function makeHandles(outbox: Outbox, outports: Outports): Readonly<Record<string, OutHandle>> {
  return Object.fromEntries(outports.all.map((outport) => [outport.name, new OutHandle(outbox, outport)]))
}
