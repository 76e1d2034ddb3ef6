import type { WireEnd } from '../shared/index.ts'
import type { Inport } from './inport.ts'
import type { InputSlot } from './inputs.ts'

/** Bytes a wire holds when it does not say how many. */
export const defaultCapacityBytes = 8 * 1024 * 1024

const firstSize = 16

/** Twice the highest number has to be a small integer still, and a batch may go beyond it. */
const highestNumber = 2 ** 28

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
  /** How many messages the wire has no room for yet. */
  overflow = 0
  /** Estimated size of those. */
  overflowBytes = 0
  /** Estimated size of those on the wire. */
  bytes = 0
  /** Messages that left it otherwise than at its head. */
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
  // Payload and size of each message side by side: one array less to look into, at both ends.
  #ring: unknown[] = emptyRing
  #mask = -1
  // Messages are numbered as they come, so that each end of the ring keeps one number and nothing else has to be counted: the oldest is
  // number `#head`, those on the wire end before `#end`, those in the outbox of the source follow.
  #head = 0
  #end = 0
  /** Numbers that were taken off, so that they stay small integers. */
  #before = 0
  /** Up to which number a message is sure to find its place. It lags behind what has been taken until the taker settles. */
  #sure = 0
  #highWater = 0

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
    const end = this.#end
    const bytes = this.bytes + size
    if (end < this.#sure && bytes <= this.capacityBytes) {
      const ring = this.#ring
      const slot = (2 * end) & this.#mask
      ring[slot] = payload
      ring[slot + 1] = size
      this.#end = end + 1
      this.bytes = bytes
    } else this.#pushSlowly(payload, size)
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
   * Takes the oldest message with its size; ask only when `queued` is above 0. Whoever takes several this way settles once afterwards:
   * telling the source of each place that has become free would cost 10 ns a message.
   */
  takeInto(slot: InputSlot): void {
    const head = this.#head
    const waiting = this.#end - head
    if (waiting > this.#highWater) this.#highWater = waiting
    const at = (2 * head) & this.#mask
    const ring = this.#ring
    const size = ring[at + 1] as number
    slot.value = ring[at]
    slot.size = size
    ring[at] = undefined
    this.#head = head + 1
    this.bytes -= size
  }

  /** Lets in from the outbox of the source what there is room for now. */
  settle(): void {
    if (this.#head > highestNumber) this.#renumber()
    if (this.overflow > 0) this.#admit()
    else this.#reckon()
  }

  /** All messages, those in the outbox included. */
  get length(): number {
    return this.#end - this.#head + this.overflow
  }

  /** Messages on the wire, without those that are still in the outbox. */
  get queued(): number {
    return this.#end - this.#head
  }

  /** The most that were ever on the wire at once. */
  get highWater(): number {
    return Math.max(this.#highWater, this.queued)
  }

  /** Numbers the message at the head among all that were ever on this wire. The one at place `n` has this number and `n` more. */
  get headNumber(): number {
    return this.#before + this.#head
  }

  /** Whether one more message of this size would find room. */
  hasRoomFor(size: number): boolean {
    const { queued } = this
    return this.overflow === 0 && queued < this.capacity && (this.bytes + size <= this.capacityBytes || queued === 0)
  }

  /** Shows the message at a place without taking it; ask only for places below `length`. */
  peekAt(place: number): { payload: unknown; size: number } {
    const slot = (2 * (this.#head + place)) & this.#mask
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
    this.removed++
    if (this.length === 0) this.target.remove(this)
    return gone.payload
  }

  /** Takes up what has room now that bounds have changed. */
  rebound(capacity: number, capacityBytes: number): void {
    this.capacity = capacity
    this.capacityBytes = capacityBytes
    this.settle()
  }

  /** Empties the wire, its part of the outbox included; gives what was in it, oldest first. */
  clear(): unknown[] {
    const { overflow, queued } = this
    this.removed += queued
    if (overflow > 0) {
      this.#end += overflow
      this.bytes += this.overflowBytes
      this.overflow = 0
      this.overflowBytes = 0
      this.source.wireRelieved(this)
    }
    const left: unknown[] = []
    while (this.length > 0) left.push(this.take())
    // Those in the outbox were never on the wire.
    this.#before -= overflow
    return left
  }

  /** As `push`, where it is not clear at once that there is room. */
  #pushSlowly(payload: unknown, size: number): void {
    const { length } = this
    if (2 * length > this.#mask) this.#grow()
    const fits = this.hasRoomFor(size)
    this.#put(length, { payload, size })
    if (fits) {
      this.#end++
      this.bytes += size
      this.#reckon()
      return
    }
    this.overflow++
    this.overflowBytes += size
    this.#sure = 0
    if (this.overflow === 1) this.source.wireFilled(this)
  }

  #reckon(): void {
    this.#sure = this.#head + Math.min(this.capacity, (this.#mask + 1) / 2)
  }

  /** Moves from outbox to wire what has room now. */
  #admit(): void {
    while (this.overflow > 0) {
      const { queued } = this
      const { size } = this.peekAt(queued)
      const fits = queued < this.capacity && (this.bytes + size <= this.capacityBytes || queued === 0)
      if (!fits) break
      this.bytes += size
      this.overflow--
      this.overflowBytes -= size
      this.#end++
    }
    if (this.overflow === 0) this.#reckon()
    this.source.wireRelieved(this)
  }

  /** Numbers what is here from the beginning of the ring on. */
  #renumber(): void {
    const away = this.#head & ~(this.#mask >> 1)
    this.#before += away
    this.#head -= away
    this.#end -= away
    this.#sure = 0
  }

  #put(place: number, { payload, size }: { payload: unknown; size: number }): void {
    const slot = (2 * (this.#head + place)) & this.#mask
    this.#ring[slot] = payload
    this.#ring[slot + 1] = size
  }

  #grow(): void {
    const size = Math.max(firstSize, this.#ring.length)
    const ring: unknown[] = []
    for (let index = 0; index < 2 * size; index++) {
      const slot = (2 * this.#head + index) & this.#mask
      ring.push(index < 2 * this.length ? this.#ring[slot] : undefined)
    }
    this.#before += this.#head
    this.#end -= this.#head
    this.#head = 0
    this.#ring = ring
    this.#mask = 2 * size - 1
  }
}

/** How a wire is named: `node.Port -> node.Port`. */
export function wireId(from: WireEnd, to: WireEnd): string {
  return `${from.node}.${from.port} -> ${to.node}.${to.port}`
}
