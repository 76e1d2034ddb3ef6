import {
  inferKind,
  kindFits,
  MillraceError,
  type Breakpoint,
  type BreakpointCondition,
  type WireOptions,
} from '../shared/index.ts'
import { estimateBytes } from './message-size.ts'
import { previewMessage } from './preview.ts'
import { Tap, type TapOptions, type TappedValue } from './tap.ts'
import type { Topology } from './topology.ts'
import type { Wire } from './wire.ts'

const defaultLimit = 50

/** A message that waits on a wire; the value is the one the wire holds, shared and not to be mutated. */
export interface WaitingValue {
  id: string
  held: boolean
  bytes: number
  kind: string
  preview: string
  value: unknown
}

/** Which part of a queue to show. */
export interface PeekOptions {
  /** Messages to leave out at its head. Default 0. */
  offset?: number
  /** Messages to show. Default 50. */
  limit?: number
}

/** Looks into the wires of a network, and changes what waits there. Every method throws `WIRE_UNKNOWN` for a wire that is not there. */
export class Inspection {
  readonly #topology: Topology
  readonly #now: () => number

  constructor(topology: Topology, now: () => number) {
    this.#topology = topology
    this.#now = now
  }

  /** How many messages lie before an inport that came from outside the network; none where there is no such node. */
  waitingOutside(node: string, port: string): number {
    const target = this.#topology.nodes.get(node)
    return target === undefined
      ? 0
      : target.intake.wires
          .filter((wire) => wire.isOutside && wire.inport.name === port)
          .reduce((sum, wire) => sum + wire.length + wire.inlet.heldBack, 0)
  }

  /** How many messages of an outport lie on the fullest of its wires, or before it; none where there is no such node. */
  waitingBehind(node: string, port: string): number {
    const wires = this.#topology.nodes.get(node)?.outports.find(({ name }) => name === port)?.wires ?? []
    return Math.max(0, ...wires.map((wire) => wire.length + wire.inlet.heldBack))
  }

  /** Shows what waits on a wire, oldest first, without taking it: first what is on its way, then what a breakpoint holds. */
  peek(
    id: string,
    { offset = 0, limit = defaultLimit }: PeekOptions = {},
  ): {
    queued: number
    held: number
    messages: WaitingValue[]
  } {
    const { wire, pen } = this.#queues(id)
    const queued = wire.queued
    const held = pen?.queued ?? 0
    const messages: WaitingValue[] = []
    for (let place = offset; place < Math.min(offset + limit, queued + held); place++) {
      const isHeld = place >= queued
      const queue = isHeld && pen !== undefined ? pen : wire
      const at = isHeld ? place - queued : place
      const { payload, size } = queue.peekAt(at)
      messages.push({
        id: idOf(queue, at, isHeld),
        held: isHeld,
        bytes: size,
        kind: inferKind(payload),
        preview: previewMessage(payload),
        value: payload,
      })
    }
    return { queued, held, messages }
  }

  /** Takes one message off a wire; it is gone. Throws `MESSAGE_GONE` when it is no longer there. */
  remove(id: string, message: string): void {
    const { queue, place } = this.#find(id, message)
    queue.removeAt(place)
    this.#topology.guards.get(this.#topology.wire(id))?.removedAt(queue, place)
  }

  /** Empties a wire, what waits for it in the outbox included; gives how many messages are gone. */
  clear(id: string): number {
    const { wire, pen } = this.#queues(id)
    wire.target.remove(wire)
    const gone = wire.clear().length + (pen?.clear().length ?? 0)
    this.#topology.guards.get(wire)?.cleared()
    return gone
  }

  /** Changes how a wire holds and loses messages. Throws `CONFIG_INVALID`. */
  configure(id: string, options: WireOptions): void {
    this.#topology.setWire(id, options)
  }

  /** Holds every message for which all conditions are true, and whatever comes behind it, from now on. */
  setBreakpoint(id: string, conditions: readonly BreakpointCondition[] = []): void {
    this.#topology.changeGuard(this.#topology.wire(id), (guard) => {
      guard.conditions = [...conditions]
    })
  }

  /** Takes a breakpoint away and lets go what it held; gives how many messages that were. */
  clearBreakpoint(id: string): number {
    return this.#topology.changeGuard(this.#topology.wire(id), (guard) => {
      guard.conditions = undefined
      return guard.release(Infinity)
    })
  }

  /** Lets up to `count` held messages go, oldest first, and what stands behind them up to the next one to hold; gives how many went. */
  release(id: string, count = 1): number {
    return this.#topology.changeGuard(this.#topology.wire(id), (guard) => guard.release(count))
  }

  /** Puts another message in the place of one that waits. Throws `MESSAGE_GONE`, `KIND_MISMATCH`. */
  replace(id: string, message: string, value: unknown): void {
    const { queue, place } = this.#find(id, message)
    const { kind } = queue.inport
    if (!kindFits(inferKind(value), kind))
      throw new MillraceError(
        'KIND_MISMATCH',
        `${queue.to.node}.${queue.to.port} takes messages of kind ${kind}, and this one is ${inferKind(value)}`,
      )
    queue.replaceAt(place, value, estimateBytes(value))
  }

  breakpoints(): Breakpoint[] {
    return [...this.#topology.guards].flatMap(([{ id, from, to }, { conditions, pen }]) => {
      return conditions === undefined ? [] : [{ wire: id, from, to, conditions: [...conditions], held: pen.queued }]
    })
  }

  /** Looks at the messages that go onto a wire, within a bound; what is beyond it is counted. Returns the undo. */
  tap(id: string, options: TapOptions, show: (message: TappedValue) => void): () => void {
    const wire = this.#topology.wire(id)
    const tap = new Tap(options, this.#now, show)
    const unwatch = this.#topology.changeGuard(wire, (guard) =>
      guard.watch((value, size, note) => tap.see(value, size, note?.context.traceId)),
    )
    return () => {
      // The wire may be gone by now.
      if (this.#topology.has(wire)) this.#topology.changeGuard(wire, unwatch)
    }
  }

  #queues(id: string): { wire: Wire; pen: Wire | undefined } {
    const wire = this.#topology.wire(id)
    return { wire, pen: this.#topology.guards.get(wire)?.pen }
  }

  #find(id: string, message: string): { queue: Wire; place: number } {
    const { wire, pen } = this.#queues(id)
    const [where, generation, number] = message.split(':')
    const queue = where === 'held' ? pen : wire
    const place = queue === undefined ? -1 : Number(number) - queue.headNumber
    const isThere = queue !== undefined && Number(generation) === queue.removed && place >= 0 && place < queue.queued
    if (isThere) return { queue, place }
    throw new MillraceError('MESSAGE_GONE', `this message no longer waits on the wire ${id}; look at the wire again`)
  }
}

/** Numbers move when something is taken out in between, so how often that happened is part of the id. */
function idOf(queue: Wire, place: number, isHeld: boolean): string {
  return `${isHeld ? 'held' : 'wire'}:${queue.removed}:${queue.headNumber + place}`
}
