import type { Sent } from './actor.ts'
import type { Outbox, Sender } from './outbox.ts'
import type { Outport, Outports } from './outport.ts'

/** The fast way to emit: `out.Output.send(value)`. */
export class OutHandle {
  readonly #outbox: Outbox
  readonly #outport: Outport

  readonly #sender: Sender

  constructor(outbox: Outbox, outport: Outport, sender: Sender) {
    this.#outbox = outbox
    this.#sender = sender
    this.#outport = outport
  }

  send(value: unknown): Sent {
    return this.#outbox.emit(this.#outport, value, this.#sender)
  }
}

/** A handle for each outport, by name. */
export function makeHandles(outbox: Outbox, outports: Outports, sender: Sender): Readonly<Record<string, OutHandle>> {
  return Object.fromEntries(outports.all.map((outport) => [outport.name, new OutHandle(outbox, outport, sender)]))
}
