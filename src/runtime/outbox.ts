import { MillraceError } from '../shared/index.ts'
import type { Sent } from './actor.ts'
import { type Outport, outportOf, type PortsOwner } from './outport.ts'
import { PendingSend } from './pending-send.ts'
import type { Sizer } from './sizer.ts'
import type { Wire, WireSource } from './wire.ts'

/** Whoever emits through an outbox: a node, or somebody outside the network. */
export interface OutboxOwner {
  /** For error texts: `node "x"`. */
  readonly label: string
  /** Wires and outbox have room again. */
  relieved(): void
  /** A wire has just become full. */
  wireFilled(wire: Wire): void
  /** It is held, and something waits to be let go. */
  held(): void
  /** Something was emitted before the start hook was done. */
  began(): void
  /** Something was emitted that no longer can go anywhere. */
  lateMessage(outport: Outport, value: unknown): void
  /** Gives something that is done in the next turn of the loop, when this emitter has done enough for this one. */
  breathe(): Sent
}

/** `open`: as usual; `starting`: the next emission tells that the start hook has begun its work; `closed`: nothing is taken. */
type Phase = 'open' | 'starting' | 'closed'

/**
 * One flow of control that emits: a start hook with its timers, or one run of an asynchronous behaviour. Only one un-awaited send of
 * each may wait. They are told apart because `await` asks a microtask late: two runs that go on at once would look like one that does not await.
 */
export interface Sender {
  waiting: PendingSend | undefined
}

/** What an outbox takes from its network. */
export interface OutboxHost {
  readonly sizer: Sizer
  /** Freezes a payload, in development. */
  readonly freeze: ((value: unknown) => void) | undefined
}

/** Messages of one flow of control that may be awaited at once: one that asks for all its sends together would keep all of them. */
const maxAwaited = 1_024

interface WaitingMessage {
  outport: Outport
  value: unknown
  size: number
  /** `undefined` for what a behaviour returned: nobody can await that. */
  pending: PendingSend | undefined
  sender: Sender | undefined
}

/**
 * What an emitter sends through. As long as nothing hinders it, a message goes straight to its wires; what does not fit waits as
 * overflow of its wire, up to the outport's capacity, and one send beyond that waits here.
 */
export class Outbox implements WireSource {
  /** What keeps messages from just being put on wires: 0 is free way. The number of full wires, and one more unless open. */
  obstacles = 1
  #phase: Phase = 'closed'
  /** Made when something has to wait: in most outboxes nothing ever does. */
  #waiting: WaitingMessage[] | undefined
  /** How many messages may still go while it is held; `undefined` when it is not. */
  #allowance: number | undefined
  readonly #owner: OutboxOwner
  readonly #sizer: Sizer
  readonly #freeze: ((value: unknown) => void) | undefined

  constructor(owner: OutboxOwner, { sizer, freeze }: OutboxHost) {
    this.#owner = owner
    this.#sizer = sizer
    this.#freeze = freeze
  }

  /** Messages that wait for room in the outbox itself. */
  get waiting(): number {
    return this.#waiting?.length ?? 0
  }

  setPhase(phase: Phase): void {
    if (this.#phase === 'open') this.obstacles++
    this.#phase = phase
    if (phase === 'open') this.obstacles--
  }

  get isHeld(): boolean {
    return this.#allowance !== undefined
  }

  /** Lets only so many more messages go; the rest waits until it is called with `undefined`. */
  hold(count: number | undefined): void {
    const { isHeld } = this
    this.#allowance = count
    if (!isHeld && this.isHeld) this.obstacles++
    if (isHeld && !this.isHeld) this.obstacles--
    this.#admit()
    if (this.obstacles === 0) this.#owner.relieved()
  }

  /** Emits one message from a port. Throws `OUTBOX_FULL` when one send waits already and nobody awaits it. */
  emit(outport: Outport, value: unknown, sender: Sender): Sent {
    if (this.obstacles === 0) this.#place(outport, value, this.#sizer.sizeOf(value))
    // A full wire is nothing rare: a source that is faster than its sink meets it at every other message.
    else if (this.#phase === 'open' && this.waiting === 0 && this.#allowance === undefined && outport.hasRoom)
      this.#place(outport, value, this.#sizer.sizeOf(value))
    else return this.#emitHindered([[outport, value]], sender)
    return outport.first === undefined ? this.#owner.breathe() : undefined
  }

  /** Emits from several ports: from all, or, when it throws, from none. Throws `PORT_UNKNOWN` and `OUTBOX_FULL`. */
  emitAll(node: PortsOwner, outputs: Readonly<Record<string, unknown>>, sender: Sender): Sent {
    const messages: [Outport, unknown][] = []
    for (const name in outputs) {
      const outport = outportOf(node, name)
      const value = outputs[name]
      if (value !== undefined || outport.emitsUndefined) messages.push([outport, value])
    }
    if (this.obstacles !== 0) return this.#emitHindered(messages, sender)
    let sent: Sent
    for (const [outport, value] of messages) sent = this.emit(outport, value, sender) ?? sent
    return sent
  }

  /** Emits what a behaviour returned: it is taken always, since a behaviour only runs while the outbox is empty. */
  put(outport: Outport, value: unknown): void {
    if (this.obstacles === 0) this.#place(outport, value, this.#sizer.sizeOf(value))
    else if (this.#phase === 'closed') this.#owner.lateMessage(outport, value)
    else if (this.waiting > 0)
      this.#wait({ outport, value, size: this.#sizer.sizeOf(value), pending: undefined, sender: undefined })
    else this.#place(outport, value, this.#sizer.sizeOf(value))
  }

  /** A wire has begun to overflow. */
  wireFilled(wire: Wire): void {
    this.obstacles++
    this.#owner.wireFilled(wire)
  }

  /** A wire that overflowed has taken something. */
  wireRelieved(wire: Wire): void {
    if (wire.overflow === 0) this.obstacles--
    if (this.waiting > 0) this.#admit()
    if (this.obstacles === 0) this.#owner.relieved()
  }

  /** Puts what waits on the wires whatever their bounds, so that it is kept; those who await it go on. */
  flush(): void {
    for (const { outport, value, size, pending } of this.#takeWaiting()) {
      this.#place(outport, value, size)
      pending?.admitted()
    }
  }

  /** Gives up what waits: returns the messages nobody will be told about, and refuses the rest. */
  refuse(error: MillraceError): { outport: Outport; value: unknown }[] {
    const unheard: WaitingMessage[] = []
    for (const message of this.#takeWaiting()) {
      if (message.pending?.awaited === true) message.pending.refuse(error)
      else unheard.push(message)
    }
    return unheard
  }

  #place(outport: Outport, value: unknown, size: number): void {
    outport.sent++
    if (this.#freeze !== undefined) this.#freeze(value)
    const { first, others } = outport
    if (first === undefined) return
    first.push(value, size)
    if (others !== undefined) for (let index = 0; index < others.length; index++) others[index]?.push(value, size)
  }

  #emitHindered(messages: readonly (readonly [Outport, unknown])[], sender: Sender): Sent {
    if (this.#phase === 'closed') {
      for (const [outport, value] of messages) this.#owner.lateMessage(outport, value)
      return foreverPending
    }
    if (this.#phase === 'starting') this.#owner.began()
    const queued = this.waiting > 0
    const isAllowed = this.#allowance === undefined || this.#allowance >= messages.length
    const fits = ([outport]: readonly [Outport, unknown]) => !queued && isAllowed && outport.hasRoom
    if (messages.every(fits)) {
      if (this.#allowance !== undefined) this.#allowance -= messages.length
      for (const [outport, value] of messages) this.#place(outport, value, this.#sizer.sizeOf(value))
      return undefined
    }
    if (sender.waiting?.isForgotten === true) throw this.#full(sender.waiting)
    if (this.waiting + messages.length > maxAwaited) this.#checkPatience(messages, sender)
    const pending = new PendingSend()
    sender.waiting = pending
    for (const message of messages) {
      const [outport, value] = message
      const size = this.#sizer.sizeOf(value)
      if (fits(message)) this.#place(outport, value, size)
      else this.#wait({ outport, value, size, pending: pending.expect(), sender })
    }
    if (this.#allowance === 0) this.#owner.held()
    return pending
  }

  #wait(message: WaitingMessage): void {
    this.#waiting ??= []
    this.#waiting.push(message)
  }

  #takeWaiting(): WaitingMessage[] {
    return this.#waiting?.splice(0) ?? []
  }

  #checkPatience(messages: readonly (readonly [Outport, unknown])[], sender: Sender): void {
    const waiting = this.#waiting?.filter((message) => message.sender === sender).length ?? 0
    if (waiting + messages.length <= maxAwaited) return
    const port = messages[0]?.[0].name ?? ''
    throw new MillraceError(
      'OUTBOX_FULL',
      `${this.#owner.label}: ${waiting} sends wait for room already, the next one for "${port}"; await one before you send another`,
    )
  }

  #full(waiting: PendingSend): MillraceError {
    const port = this.#waiting?.find(({ pending }) => pending === waiting)?.outport.name ?? ''
    return new MillraceError(
      'OUTBOX_FULL',
      `${this.#owner.label}: the outbox behind "${port}" is full and one message waits already; ` +
        'await what send returns, or give the outport a larger capacity',
    )
  }

  #admit(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    for (let next = waiting[0]; next?.outport.hasRoom === true; next = waiting[0]) {
      if (this.#allowance === 0) return
      if (this.#allowance !== undefined) this.#allowance--
      waiting.shift()
      this.#place(next.outport, next.value, next.size)
      next.pending?.admitted()
    }
  }
}

// A loop that goes on sending after its node has stopped is parked here and collected, rather than spinning or crashing its host.
const foreverPending: Sent = {
  // oxlint-disable-next-line unicorn/no-thenable -- to be awaited in vain
  then: () => new Promise<never>(() => {}),
}
