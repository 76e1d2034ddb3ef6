import { Gate, type GateOwner } from './gate.ts'
import type { Wire } from './wire.ts'

/** A wire that takes away what has waited too long. */
interface TimedWire {
  expire(): void
}

/**
 * Where messages come into a node: its wires, and the gates they stand in when they have something. It is itself the only gate with `any`
 * firing, and with `all` that of the first inport.
 */
export class Intake extends Gate {
  /** With `all` firing, the gates of the other inports. */
  readonly #others: readonly Gate[] | undefined
  /** Most nodes have one wire, which then needs no array. */
  #wire: Wire | undefined
  #more: Wire[] | undefined
  /** Wires whose messages have an end to their life. */
  #timed: Set<TimedWire> | undefined

  constructor(owner: GateOwner, gates: number) {
    super(owner)
    this.#others = gates > 1 ? Array.from({ length: gates - 1 }, () => new Gate(owner)) : undefined
  }

  /** How many messages one run takes. */
  get gates(): number {
    return 1 + (this.#others?.length ?? 0)
  }

  /** The wires into the node, those from outside included. */
  get wires(): readonly Wire[] {
    return this.#wire === undefined ? [] : [this.#wire, ...(this.#more ?? [])]
  }

  /** How many wires those are. */
  get width(): number {
    return this.#wire === undefined ? 0 : 1 + (this.#more?.length ?? 0)
  }

  /** The gate that an inport's wires stand in. */
  gateOf(inport: number): Gate {
    return inport === 0 || this.#others === undefined ? this : (this.#others[inport - 1] ?? this)
  }

  /** Whether each gate has something. */
  get isReady(): boolean {
    if (this.isEmpty) return false
    if (this.#others !== undefined) for (const gate of this.#others) if (gate.isEmpty) return false
    return true
  }

  join(wire: Wire): void {
    if (this.#wire === undefined) this.#wire = wire
    else if (this.#more === undefined) this.#more = [wire]
    else this.#more.push(wire)
  }

  leave(wire: Wire): void {
    const [first, ...others] = this.wires.filter((other) => other !== wire)
    this.#wire = first
    this.#more = others.length === 0 ? undefined : others
  }

  /** Messages on the wires, without those that still wait in the outboxes of their sources. */
  get queued(): number {
    let queued = this.#wire === undefined ? 0 : queuedOn(this.#wire)
    if (this.#more !== undefined) for (const wire of this.#more) queued += queuedOn(wire)
    return queued
  }

  /** How often the node could run with what is queued. */
  get setsQueued(): number {
    const byGate = Array.from({ length: this.gates }, () => 0)
    const isOne = this.#others === undefined
    for (const { inport, queued } of this.wires) {
      const gate = isOne ? 0 : inport.index
      byGate[gate] = (byGate[gate] ?? 0) + queued
    }
    return Math.min(...byGate)
  }

  /** With `all` firing, the inports that no wire leads to. */
  get unwired(): Set<number> {
    const unwired = new Set(Array.from({ length: this.gates }, (_, index) => index))
    for (const { inport } of this.wires) unwired.delete(inport.index)
    return unwired
  }

  /** Has a wire looked at before each batch. */
  watchTime(wire: TimedWire): void {
    this.#timed ??= new Set()
    this.#timed.add(wire)
  }

  unwatchTime(wire: TimedWire): void {
    this.#timed?.delete(wire)
    if (this.#timed?.size === 0) this.#timed = undefined
  }

  /** Takes away what has waited too long. */
  expire(): void {
    if (this.#timed !== undefined) for (const wire of this.#timed) wire.expire()
  }
}

function queuedOn(wire: Wire): number {
  return (wire.isOutside ? wire.length : wire.queued) + wire.inlet.heldBack
}
