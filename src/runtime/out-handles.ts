import type { Sent } from './actor.ts'
import type { Outbox, Sender } from './outbox.ts'
import type { Outport } from './outport.ts'

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

/** The same for somebody who may await: now and then it gives something that is done in the next turn of the loop. */
export class PacedHandle extends OutHandle {
  readonly #breathe: () => Sent

  constructor(outbox: Outbox, outport: Outport, sender: Sender, breathe: () => Sent) {
    super(outbox, outport, sender)
    this.#breathe = breathe
  }

  override send(value: unknown): Sent {
    return super.send(value) ?? this.#breathe()
  }
}

/** A handle for each outport, by name. */
export function makeHandles<Handle extends OutHandle>(
  outports: readonly Outport[],
  makeHandle: (outport: Outport) => Handle,
): Readonly<Record<string, Handle>> {
  return Object.fromEntries(outports.map((outport) => [outport.name, makeHandle(outport)]))
}
