import { assertNever, type BreakpointCondition } from '../shared/index.ts'
import { matchesBreakpoint } from './breakpoint.ts'
import { Column } from './column.ts'
import { Wire, type Inlet, type WireTarget } from './wire.ts'
import type { NetworkTracing, TraceNote } from './network-tracing.ts'
import type { WireSettings } from './wire-settings.ts'

/** What a guard takes from its network. */
export interface GuardHost {
  /** The monotonic clock; inside a slice as it stood when the batch began. */
  readonly timeMs: number
  after(delayMs: number, run: () => void): () => void
  /** A message has waited longer than the wire's time to live. */
  expired(wire: Wire, payload: unknown, ttlMs: number): void
  /** A breakpoint holds a message, and held none before. */
  held(wire: Wire): void
}

/** Sees every message that goes onto a wire. */
export type WireEye = (payload: unknown, size: number, note: TraceNote | undefined) => void

const nowhere: WireTarget = { add: (wire) => void (wire.ready = true), remove: (wire) => void (wire.ready = false) }

/**
 * Stands before a wire that is more than a queue that blocks: applies its policy, its time to live and its breakpoint, and shows taps
 * what comes. A wire without any of these has no guard, and so pays nothing for them.
 */
export class WireGuard implements Inlet {
  /** Messages lost by the policy. */
  dropped = 0
  expired = 0
  conditions: readonly BreakpointCondition[] | undefined
  /** What the breakpoint holds, and what has come behind it. */
  readonly pen: Wire
  readonly wire: Wire
  readonly #host: GuardHost
  #settings: WireSettings
  #eyes: readonly WireEye[] = []
  #passedAtMs = -Infinity
  #arrivals: Column<number> | undefined
  #cancelExpiry: (() => void) | undefined
  #tracing: NetworkTracing | undefined
  /** Of each message on the wire, and in the pen, what it was caused by. */
  #notes: Column<TraceNote | undefined> | undefined
  #penNotes: Column<TraceNote | undefined> | undefined

  constructor(wire: Wire, settings: WireSettings, host: GuardHost) {
    this.wire = wire
    this.#host = host
    this.#settings = settings
    const { from, to, capacity, capacityBytes, source, inport } = wire
    this.pen = new Wire({ from, to, capacity, capacityBytes, source, target: nowhere, inport })
    this.configure(settings)
  }

  get overflow(): number {
    return this.wire.overflow + this.pen.overflow
  }

  get overflowBytes(): number {
    return this.wire.overflowBytes + this.pen.overflowBytes
  }

  get heldBack(): number {
    return this.pen.queued
  }

  get policy(): WireSettings['policy'] {
    return this.#settings.policy
  }

  get hasTimeToLive(): boolean {
    return this.#arrivals !== undefined
  }

  /** Whether it does anything. */
  get isNeeded(): boolean {
    const { policy, ttlMs } = this.#settings
    const isPlain = policy === 'block' && ttlMs === undefined && this.conditions === undefined
    return !isPlain || this.#eyes.length > 0 || this.#tracing !== undefined
  }

  /** Notes of the messages from now on what they were caused by, or of none. */
  follow(tracing: NetworkTracing | undefined): void {
    this.#tracing = tracing
    this.#notes = tracing === undefined ? undefined : new Column()
    this.#penNotes = tracing === undefined ? undefined : new Column()
  }

  /** What was noted of the message that had this number on the wire. */
  noteOf(number: number): TraceNote | undefined {
    return this.#notes?.head(number)
  }

  /** Takes up new settings; messages that are queued already live on without an end unless they had one. */
  configure(settings: WireSettings): void {
    this.#settings = settings
    this.pen.rebound(settings.capacity, settings.bytes)
    if (settings.ttlMs === undefined) {
      this.#arrivals = undefined
      this.#cancelExpiry?.()
      this.#cancelExpiry = undefined
    } else {
      this.#arrivals ??= new Column()
      this.expire()
    }
  }

  /** Shows every message that comes from now on; returns the undo. */
  watch(eye: WireEye): () => void {
    const entry: WireEye = (payload, size, note) => eye(payload, size, note)
    this.#eyes = [...this.#eyes, entry]
    return () => {
      this.#eyes = this.#eyes.filter((other) => other !== entry)
    }
  }

  push(payload: unknown, size: number): void {
    const note = this.#tracing?.noteFor(this.wire)
    for (const eye of this.#eyes) eye(payload, size, note)
    const { pen } = this
    const isPenned = this.conditions !== undefined && (pen.length > 0 || matchesBreakpoint(this.conditions, payload))
    const queue = isPenned ? pen : this.wire
    if (this.#settings.policy !== 'block' && !this.#makeRoom(queue, size)) return
    const isFirst = isPenned && pen.length === 0
    this.#put(queue, payload, size, note)
    if (isFirst) this.#host.held(this.wire)
  }

  /** Lets up to so many held messages go, and with each those behind it that the breakpoint is not for; gives how many went. */
  release(count: number): number {
    let released = 0
    for (let left = count; left > 0 && this.pen.length > 0; left--) {
      this.#letGo()
      released += 1 + this.#flow()
    }
    return released
  }

  /** Takes the oldest messages away that have waited too long; each becomes a dead letter. */
  expire(): void {
    const { ttlMs } = this.#settings
    const wire = this.wire
    if (ttlMs === undefined || this.#arrivals === undefined) return
    while (wire.length > 0) {
      // One that came before the wire had a time to live has none.
      const arrivedMs = this.#arrivals.head(wire.headNumber)
      if (arrivedMs === undefined || arrivedMs + ttlMs > this.#host.timeMs) break
      const payload = wire.removeAt(0)
      this.#arrivals.remove(wire.headNumber - 1)
      this.#notes?.remove(wire.headNumber - 1)
      this.expired++
      this.#host.expired(wire, payload, ttlMs)
    }
    this.#watchTime(ttlMs)
  }

  /** Says that a message was taken out of its place in the wire or the pen. */
  removedAt(queue: Wire, place: number): void {
    const number = queue.headNumber - 1 + place
    if (queue === this.wire) {
      this.#arrivals?.remove(number)
      this.#notes?.remove(number)
      return
    }
    this.#penNotes?.remove(number)
    if (place === 0) this.#flow()
  }

  /** Says that the wire was emptied. */
  cleared(): void {
    this.#arrivals?.clear()
    this.#notes?.clear()
    this.#penNotes?.clear()
  }

  /** Leaves no timer behind. */
  stop(): void {
    this.#cancelExpiry?.()
    this.#cancelExpiry = undefined
  }

  /** Lets go those at the head of the pen that the breakpoint is not for. */
  #flow(): number {
    const { pen } = this
    const isHeld = (payload: unknown) => this.conditions !== undefined && matchesBreakpoint(this.conditions, payload)
    let released = 0
    while (pen.length > 0 && !isHeld(pen.peekAt(0).payload)) {
      this.#letGo()
      released++
    }
    return released
  }

  #letGo(): void {
    const { payload, size } = this.pen.peekAt(0)
    // On the wire before it leaves the pen: the room it leaves may bring the next one in at once.
    this.#put(this.wire, payload, size, this.#penNotes?.head(this.pen.headNumber))
    this.pen.take()
  }

  #put(queue: Wire, payload: unknown, size: number, note: TraceNote | undefined): void {
    const { ttlMs } = this.#settings
    const notes = queue === this.wire ? this.#notes : this.#penNotes
    notes?.push(queue.headNumber, queue.headNumber + queue.length, note)
    if (queue === this.wire && ttlMs !== undefined) {
      const { headNumber } = queue
      this.#arrivals?.push(headNumber, headNumber + queue.length, this.#host.timeMs)
      queue.push(payload, size)
      if (this.#cancelExpiry === undefined) this.#watchTime(ttlMs)
    } else queue.push(payload, size)
  }

  /** Looks again when the oldest message will have waited long enough. */
  #watchTime(ttlMs: number): void {
    this.#cancelExpiry?.()
    this.#cancelExpiry = undefined
    if (this.wire.length === 0) return
    const arrivedMs = this.#arrivals?.head(this.wire.headNumber) ?? this.#host.timeMs
    const delayMs = Math.max(1, arrivedMs + ttlMs - this.#host.timeMs)
    this.#cancelExpiry = this.#host.after(delayMs, () => {
      this.#cancelExpiry = undefined
      this.expire()
    })
  }

  /** Applies the policy; tells whether the message may go on. */
  #makeRoom(queue: Wire, size: number): boolean {
    const { policy, sampleMs } = this.#settings
    // What a breakpoint holds, and somebody looks at, gives way to nothing.
    const kept = queue === this.pen ? 1 : 0
    switch (policy) {
      case 'block':
        return true
      case 'drop-newest':
        return queue.hasRoomFor(size) || this.#drop()
      case 'drop-oldest':
        while (queue.length > kept && !queue.hasRoomFor(size)) this.#dropAt(queue, kept)
        return kept === 0 || queue.hasRoomFor(size) || this.#drop()
      case 'latest':
        while (queue.length > kept) this.#dropAt(queue, kept)
        return kept === 0 || queue.hasRoomFor(size) || this.#drop()
      case 'sample': {
        const { timeMs } = this.#host
        if (timeMs - this.#passedAtMs < sampleMs || !queue.hasRoomFor(size)) return this.#drop()
        this.#passedAtMs = timeMs
        return true
      }
      default:
        return assertNever(policy)
    }
  }

  #dropAt(queue: Wire, place: number): void {
    if (place === 0) queue.take()
    else {
      queue.removeAt(place)
      this.removedAt(queue, place)
    }
    this.dropped++
  }

  #drop(): false {
    this.dropped++
    return false
  }
}
