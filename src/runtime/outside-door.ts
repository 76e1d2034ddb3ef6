import { inferKind, kindEnters, MillraceError, type MessageKind } from '../shared/index.ts'
import type { Sent } from './actor.ts'
import type { Inport } from './inport.ts'
import type { NetworkNode } from './network-node.ts'
import { Outbox, type OutboxOwner, type Sender } from './outbox.ts'
import { Outport, outportShape } from './outport.ts'
import { defaultCapacityBytes, Wire } from './wire.ts'

/** Where messages from outside the network come in: a bounded queue of its own for each inport that is used so. */
export class OutsideDoor implements OutboxOwner {
  readonly wire: Wire
  readonly #node: NetworkNode
  readonly #inport: Inport
  readonly #outport: Outport
  readonly #outbox: Outbox
  readonly #sender: Sender = { waiting: undefined }

  constructor(node: NetworkNode, inport: Inport) {
    this.#node = node
    this.#inport = inport
    this.#outbox = new Outbox(this, node)
    this.#outbox.setPhase('open')
    this.#outport = new Outport(outportShape(inport.name, inport.kind, 1))
    this.wire = new Wire({
      from: { node: '', port: '' },
      to: { node: node.id, port: inport.name },
      capacity: inport.capacity,
      capacityBytes: defaultCapacityBytes,
      source: this.#outbox,
      target: node.intake.gateOf(inport.index),
      inport,
    })
    this.#outport.join(this.wire)
    node.intake.join(this.wire)
  }

  /** Takes up what stands before its wire now. */
  rejoin(): void {
    this.#outport.rejoin()
  }

  get label(): string {
    return `inport "${this.#inport.name}" of node "${this.#node.id}"`
  }

  /** Lets a message in, or makes the sender wait; a kind that is said counts rather than the value's own. Throws `KIND_MISMATCH` and `OUTBOX_FULL`. */
  send(value: unknown, sender: Sender = this.#sender, said: MessageKind = 'any'): Sent {
    const { kind } = this.#inport
    const found = said === 'any' ? inferKind(value) : said
    if (!kindEnters(found, kind))
      throw new MillraceError('KIND_MISMATCH', `${this.label} takes messages of kind ${kind}, and this one is ${found}`)
    return this.#outbox.emit(this.#outport, value, sender)
  }

  /** Lets an initial message in whatever the bounds. */
  admit(value: unknown): void {
    this.#outbox.put(this.#outport, value)
  }

  /** Refuses those who wait. */
  refuse(error: MillraceError): void {
    const { id: node } = this.#node
    const unheard = this.#outbox.refuse(error)
    const arrivals = unheard.map(({ value }) => ({ port: this.#inport.name, source: undefined, value }))
    if (arrivals.length > 0) this.#node.failures.bury(arrivals, error.code, `${error.message} (sent to node "${node}")`)
  }

  relieved(): void {}
  held(): void {}
  wireFilled(): void {}
  began(): void {}
  lateMessage(): void {}

  breathe(): undefined {
    return undefined
  }
}
