import type { WireEnd } from '../shared/index.ts'
import type { Inport } from './inport.ts'
import type { InputSlot } from './inputs.ts'

/** Bytes a wire holds when it does not say how many. */
export const defaultCapacityBytes = 8 * 1024 * 1024

const firstSize = 16

/** The ring of a wire that has carried nothing yet: never written to. */
const emptyRing: unknown[] = []

/** Whose output a wire carries. */
export interface WireSource {
  /** The wire has begun to overflow. */
  wireFilled(wire: Wire): void
  /** A wire that overflowed has taken something. */
  wireRelieved(wire: Wire): void
}

/** Where a wire shows that it has something. */
export interface WireTarget {
  add(wire: Wire): void
  remove(wire: Wire): void
}

/** Where messages for a wire go in: the wire itself, or a guard that stands before it. */
export interface Inlet {
  push(payload: unknown, size: number): void
  /** The wire that they go onto. */
  readonly wire: Wire
  /** Messages, and their bytes, that wait in the outbox of the source. */
  readonly overflow: number
  readonly overflowBytes: number
  /** Messages that a breakpoint keeps off the wire. */
  readonly heldBack: number
}

/** What joins two ports. */
export interface WireParts {
  from: WireEnd
  to: WireEnd
  capacity: number
  capacityBytes: number
  source: WireSource
  target: WireTarget
  inport: Inport
}

/**
 * A bounded, ordered queue from an outport to an inport: one ring, of which the oldest messages lie on the wire and the newest
 * `overflow` ones still in the outbox of the source. Nothing is copied when a message moves from one to the other.
 */
export class Wire implements Inlet {
  readonly fromNode: string
  readonly fromPort: string
  readonly toNode: string
  capacity: number
  capacityBytes: number
  readonly source: WireSource
  readonly target: WireTarget
  readonly inport: Inport
  /** All messages, those in the outbox included. */
  length = 0
  /** How many of them the wire has no room for yet. */
  overflow = 0
  /** Estimated size of those. */
  overflowBytes = 0
  /** Estimated size of those on the wire. */
  bytes = 0
  highWater = 0
  /** Messages that have left it at its head. */
  taken = 0
  /** Messages that were taken away otherwise. */
  removed = 0
  /** What its source pushes into. */
  inlet: Inlet = this
  /** Whether it stands in its gate. */
  ready = false
  /** The one behind it in its gate. */
  next: Wire | undefined
  /** When it was last reported full. */
  fullAtMs: number | undefined
  #id: string | undefined
  // Payload and size of each message side by side: one array less to look into, at both ends. `head` is an index into it.
  #ring: unknown[] = emptyRing
  #head = 0
  #mask = -1

  constructor({ from, to, capacity, capacityBytes, source, target, inport }: WireParts) {
    this.fromNode = from.node
    this.fromPort = from.port
    this.toNode = to.node
    this.capacity = capacity
    this.capacityBytes = capacityBytes
    this.source = source
    this.target = target
    this.inport = inport
  }

  /** Made when somebody asks: ten thousand wires that nobody looks at need no names. */
  get id(): string {
    return (this.#id ??= wireId(this.from, this.to))
  }

  get from(): WireEnd {
    return { node: this.fromNode, port: this.fromPort }
  }

  get to(): WireEnd {
    return { node: this.toNode, port: this.inport.name }
  }

  get wire(): this {
    return this
  }

  get heldBack(): number {
    return 0
  }

  /** Whether it brings what comes from outside the network. */
  get isOutside(): boolean {
    return this.fromNode === ''
  }

  /** `node.Port`, or `undefined` for what comes from outside the network. */
  get origin(): string | undefined {
    return this.isOutside ? undefined : `${this.fromNode}.${this.fromPort}`
  }

  /** Appends a message; what the wire has no room for counts as still being in the outbox. */
  push(payload: unknown, size: number): void {
    const { length } = this
    if (2 * length > this.#mask) this.#grow()
    const ring = this.#ring
    const slot = (this.#head + 2 * length) & this.#mask
    ring[slot] = payload
    ring[slot + 1] = size
    this.length = length + 1
    if (this.overflow === 0 && length < this.capacity && (this.bytes + size <= this.capacityBytes || length === 0)) {
      this.bytes += size
      if (length >= this.highWater) this.highWater = length + 1
    } else {
      this.overflow++
      this.overflowBytes += size
      if (this.overflow === 1) this.source.wireFilled(this)
    }
    if (!this.ready) this.target.add(this)
  }

  /** Takes the oldest message; ask only when `length` is above 0. */
  take(): unknown {
    const slot: InputSlot = { value: undefined, size: 0 }
    this.takeInto(slot)
    this.settle()
    return slot.value
  }

  /**
   * Takes the oldest message with its size; ask only when `length` is above 0. Whoever takes several this way settles once afterwards:
   * telling the source of each place that has become free would cost 10 ns a message.
   */
  takeInto(slot: InputSlot): void {
    const head = this.#head
    const ring = this.#ring
    const size = ring[head + 1] as number
    slot.value = ring[head]
    slot.size = size
    ring[head] = undefined
    this.#head = (head + 2) & this.#mask
    this.length--
    this.taken++
    this.bytes -= size
    // What is in the outbox must lie on the wire before it is taken.
    if (this.length === this.overflow) this.settle()
  }

  /** Lets in from the outbox of the source what there is room for now. */
  settle(): void {
    if (this.overflow > 0) this.#admit()
  }

  /** Messages on the wire, without those that are still in the outbox. */
  get queued(): number {
    return this.length - this.overflow
  }

  /** Numbers the message at the head among all that were ever on this wire. The one at place `n` has this number and `n` more. */
  get headNumber(): number {
    return this.taken + this.removed
  }

  /** Whether one more message of this size would find room. */
  hasRoomFor(size: number): boolean {
    const { length } = this
    const fits = length < this.capacity && (this.bytes + size <= this.capacityBytes || length === 0)
    return this.overflow === 0 && fits
  }

  /** Shows the message at a place without taking it; ask only for places below `length`. */
  peekAt(place: number): { payload: unknown; size: number } {
    const slot = (this.#head + 2 * place) & this.#mask
    return { payload: this.#ring[slot], size: this.#ring[slot + 1] as number }
  }

  /** Puts another message in the place of one that is on the wire. */
  replaceAt(place: number, payload: unknown, size: number): void {
    this.bytes += size - this.peekAt(place).size
    this.#put(place, { payload, size })
  }

  /** Takes one message that is on the wire out of its place; those behind it move up. */
  removeAt(place: number): unknown {
    const gone = this.peekAt(place)
    for (let index = place; index > 0; index--) this.#put(index, this.peekAt(index - 1))
    // The one to go stands at the head now; all sums are as they were.
    this.#put(0, gone)
    this.take()
    this.taken--
    this.removed++
    if (this.length === 0) this.target.remove(this)
    return gone.payload
  }

  /** Takes up what has room now that bounds have changed. */
  rebound(capacity: number, capacityBytes: number): void {
    this.capacity = capacity
    this.capacityBytes = capacityBytes
    if (this.overflow > 0) this.#admit()
  }

  /** Empties the wire, its part of the outbox included; gives what was in it, oldest first. */
  clear(): unknown[] {
    const left: unknown[] = []
    const { taken } = this
    this.removed += this.length - this.overflow
    if (this.overflow > 0) {
      this.overflow = 0
      this.overflowBytes = 0
      this.source.wireRelieved(this)
    }
    while (this.length > 0) left.push(this.take())
    this.taken = taken
    this.bytes = 0
    return left
  }

  /** Moves from outbox to wire what has room now. */
  #admit(): void {
    while (this.overflow > 0) {
      const onWire = this.length - this.overflow
      const size = this.#ring[((this.#head + 2 * onWire) & this.#mask) + 1] as number
      const fits = onWire < this.capacity && (this.bytes + size <= this.capacityBytes || onWire === 0)
      if (!fits) break
      this.bytes += size
      this.overflow--
      this.overflowBytes -= size
      if (onWire >= this.highWater) this.highWater = onWire + 1
    }
    this.source.wireRelieved(this)
  }

  #put(place: number, { payload, size }: { payload: unknown; size: number }): void {
    const slot = (this.#head + 2 * place) & this.#mask
    this.#ring[slot] = payload
    this.#ring[slot + 1] = size
  }

  #grow(): void {
    const size = Math.max(firstSize, this.#ring.length)
    const ring: unknown[] = []
    for (let index = 0; index < 2 * size; index++) {
      const slot = (this.#head + index) & this.#mask
      ring.push(index < 2 * this.length ? this.#ring[slot] : undefined)
    }
    this.#ring = ring
    this.#head = 0
    this.#mask = 2 * size - 1
  }
}

/** How a wire is named: `node.Port -> node.Port`. */
export function wireId(from: WireEnd, to: WireEnd): string {
  return `${from.node}.${from.port} -> ${to.node}.${to.port}`
}
