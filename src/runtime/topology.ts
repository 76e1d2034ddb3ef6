import { kindFits, MillraceError, type WireEnd, type WireOptions } from '../shared/index.ts'
import type { Inport } from './inport.ts'
import type { NetworkNode } from './network-node.ts'
import { findOutport, type Outport, outportOf } from './outport.ts'
import type { NetworkTracing } from './network-tracing.ts'
import type { TracePlace } from './tracer.ts'
import { OutsideDoor } from './outside-door.ts'
import { WireGuard, type GuardHost } from './wire-guard.ts'
import { wireSettings, type WireSettings } from './wire-settings.ts'
import { defaultCapacityBytes, Wire, wireId } from './wire.ts'

/** The nodes and wires of a network, and who is joined to whom. */
export class Topology {
  readonly nodes = new Map<string, NetworkNode>()
  /** What stands before the wires that need it. */
  readonly guards = new Map<Wire, WireGuard>()
  readonly #doors = new Map<NetworkNode, Map<Inport, OutsideDoor>>()
  readonly #settings = new Map<Wire, WireSettings>()
  /** The wires by their ids; made when somebody first asks for one by its id. */
  #byId: Map<string, Wire> | undefined
  /** How messages are followed, if they are. */
  tracing: NetworkTracing | undefined
  readonly #host: GuardHost

  constructor(host: GuardHost) {
    this.#host = host
  }

  /** All wires, by the nodes that they come from; kept nowhere else, since a set of ten thousand takes as long to fill as to make them. */
  *wires(): Generator<Wire> {
    for (const { outports } of this.nodes.values()) for (const { wires } of outports) yield* wires
  }

  /** Whether a wire is still there. */
  has(wire: Wire): boolean {
    return this.#outport(wire.fromNode, wire.fromPort)?.wires.includes(wire) === true
  }

  /** Throws `NODE_UNKNOWN`. */
  node(id: string): NetworkNode {
    const node = this.nodes.get(id)
    if (node === undefined)
      throw new MillraceError('NODE_UNKNOWN', `there is no node "${id}"; ${known(this.nodes.keys())}`)
    return node
  }

  /** Throws `PORT_UNKNOWN`. */
  inport(node: NetworkNode, name: string): Inport {
    for (const inport of node.inports) if (inport.name === name) return inport
    const names = known(node.inports.map((candidate) => candidate.name))
    throw new MillraceError('PORT_UNKNOWN', `node "${node.id}" (${node.actor.name}) has no inport "${name}"; ${names}`)
  }

  /** Joins two ports. Throws `NODE_UNKNOWN`, `PORT_UNKNOWN`, `KIND_MISMATCH`, `WIRE_DUPLICATE` and `CONFIG_INVALID`. */
  addWire(from: WireEnd, to: WireEnd, options: WireOptions): Wire {
    const source = this.node(from.node)
    const target = this.node(to.node)
    const outport = outportOf(source, from.port)
    const inport = this.inport(target, to.port)
    if (find(outport, target, from, to) !== undefined)
      throw new MillraceError('WIRE_DUPLICATE', `there is already a wire ${wireId(from, to)}`)
    if (!kindFits(outport.kind, inport.kind)) {
      const id = wireId(from, to)
      const kinds = `outport "${from.port}" emits ${outport.kind}, inport "${to.port}" takes ${inport.kind}`
      throw new MillraceError('KIND_MISMATCH', `the wire ${id} cannot be: ${kinds}`)
    }
    // Only what differs from the inport's defaults is kept: ten thousand wires need no more.
    const isPlain = Object.keys(options).length === 0
    const settings = isPlain ? undefined : wireSettings(wireId(from, to), options, inport)
    const wire = new Wire({
      from,
      to,
      capacity: settings?.capacity ?? inport.capacity,
      capacityBytes: settings?.bytes ?? defaultCapacityBytes,
      source: source.outbox,
      target: target.intake.gateOf(inport.index),
      inport,
    })
    this.#byId?.set(wire.id, wire)
    target.intake.join(wire)
    outport.join(wire)
    if (this.tracing !== undefined) this.changeGuard(wire, (guard) => guard.follow(this.tracing))
    if (settings === undefined) return wire
    this.#settings.set(wire, settings)
    if (settings.policy !== 'block' || settings.ttlMs !== undefined) this.changeGuard(wire, () => {})
    return wire
  }

  /** Changes how a wire holds and loses messages; those on it stay. Throws `WIRE_UNKNOWN`, `CONFIG_INVALID`. */
  setWire(id: string, options: WireOptions): void {
    const wire = this.wire(id)
    const settings = wireSettings(id, options, wire.inport)
    this.#settings.set(wire, settings)
    wire.rebound(settings.capacity, settings.bytes)
    this.changeGuard(wire, (guard) => guard.configure(settings))
  }

  /** Throws `WIRE_UNKNOWN`. */
  wire(id: string): Wire {
    this.#byId ??= new Map(Array.from(this.wires(), (wire) => [wire.id, wire]))
    const wire = this.#byId.get(id)
    if (wire !== undefined) return wire
    throw new MillraceError('WIRE_UNKNOWN', `there is no wire ${id}; ${known(this.#byId.keys())}`)
  }

  /** Changes what stands before a wire; it is made when it is needed, and goes when it no longer is. */
  changeGuard<Result>(wire: Wire, change: (guard: WireGuard) => Result): Result {
    const settings = this.#settings.get(wire) ?? wireSettings(wire.id, {}, wire.inport)
    const guard = this.guards.get(wire) ?? new WireGuard(wire, settings, this.#host)
    const result = change(guard)
    const isNeeded = guard.isNeeded || guard.pen.length > 0
    const target = this.nodes.get(wire.toNode)
    if (isNeeded) this.guards.set(wire, guard)
    else this.guards.delete(wire)
    if (!isNeeded) guard.stop()
    if (guard.hasTimeToLive) target?.intake.watchTime(guard)
    else target?.intake.unwatchTime(guard)
    wire.inlet = isNeeded ? guard : wire
    if (wire.isOutside) this.#doorOf(wire)?.rejoin()
    else this.#outport(wire.fromNode, wire.fromPort)?.rejoin()
    return result
  }

  /** Follows messages through all nodes from now on, or no longer; nodes, wires and doors that come later too. */
  follow(tracing: NetworkTracing | undefined): void {
    this.tracing = tracing
    for (const node of this.nodes.values()) this.followNode(node)
    for (const wire of this.wires()) this.changeGuard(wire, (guard) => guard.follow(tracing))
    for (const { wire } of this.doors()) this.changeGuard(wire, (guard) => guard.follow(tracing))
  }

  followNode(node: NetworkNode): void {
    node.follow(this.tracing, (wire, number) => this.guards.get(wire)?.noteOf(number))
  }

  /** Which wires bring the messages that are meant; of a node without inports, those that take its own. Throws as `Network.traceNext`. */
  fitting(place: TracePlace): (wire: Wire) => boolean {
    if ('wire' in place) {
      const wanted = this.wire(place.wire)
      return (wire) => wire === wanted
    }
    const { port, isFromOutside = false } = place
    const node = this.node(place.node)
    const inport = port === undefined ? undefined : this.inport(node, port)
    if (node.inports.length === 0) return (wire) => wire.fromNode === node.id
    return (wire) =>
      wire.toNode === node.id && (inport === undefined || wire.inport === inport) && (!isFromOutside || wire.isOutside)
  }

  #doorOf({ toNode, inport }: Wire): OutsideDoor | undefined {
    const node = this.nodes.get(toNode)
    return node && this.#doors.get(node)?.get(inport)
  }

  /** Takes a wire away; what was on it becomes dead letters. Throws `WIRE_UNKNOWN`. */
  removeWire(from: WireEnd, to: WireEnd, why: string): Wire {
    const outport = this.#outport(from.node, from.port)
    const target = this.nodes.get(to.node)
    const wire = outport && target && find(outport, target, from, to)
    if (wire === undefined || target === undefined)
      throw new MillraceError('WIRE_UNKNOWN', `there is no wire ${wireId(from, to)}`)
    this.#byId?.delete(wire.id)
    this.#settings.delete(wire)
    outport?.rejoin(wire)
    target.intake.leave(wire)
    this.#empty(target, wire, why)
    return wire
  }

  /** Takes a node away with its wires; what was queued for it, or by it, becomes dead letters. Gives the wires that went. */
  removeNode(node: NetworkNode): Wire[] {
    const why = `node "${node.id}" was removed`
    // What waits for room joins its wires, so that it is not forgotten.
    node.outbox.flush()
    const out = node.outports.flatMap(({ wires }) => wires)
    const removed = [...new Set([...node.intake.wires.filter(({ isOutside }) => !isOutside), ...out])]
    for (const { from, to } of removed) this.removeWire(from, to, why)
    for (const door of this.#doors.get(node)?.values() ?? []) {
      door.refuse(new MillraceError('NODE_UNKNOWN', why))
      this.#empty(node, door.wire, why)
    }
    this.#doors.delete(node)
    this.nodes.delete(node.id)
    return removed
  }

  /** Where messages from outside come in to a port. */
  door(node: NetworkNode, inport: Inport): OutsideDoor {
    const doors = this.#doors.get(node) ?? new Map<Inport, OutsideDoor>()
    this.#doors.set(node, doors)
    const open = doors.get(inport)
    if (open !== undefined) return open
    const door = new OutsideDoor(node, inport)
    doors.set(inport, door)
    if (this.tracing !== undefined) this.changeGuard(door.wire, (guard) => guard.follow(this.tracing))
    return door
  }

  doors(): OutsideDoor[] {
    return [...this.#doors.values()].flatMap((doors) => [...doors.values()])
  }

  /** Messages in all queues, outboxes included; a message on two wires counts twice. */
  get queued(): number {
    let queued = 0
    for (const wire of this.wires()) queued += wire.length + (this.guards.get(wire)?.pen.length ?? 0)
    for (const { wire } of this.doors()) queued += wire.length
    return queued
  }

  #outport(id: string, port: string): Outport | undefined {
    const node = this.nodes.get(id)
    return node && findOutport(node, port)
  }

  #empty(target: NetworkNode, wire: Wire, why: string): void {
    wire.target.remove(wire)
    const guard = this.guards.get(wire)
    const left = [...wire.clear(), ...(guard?.pen.clear() ?? [])].map((value) => {
      return { port: wire.to.port, source: wire.origin, value }
    })
    guard?.stop()
    if (guard !== undefined) target.intake.unwatchTime(guard)
    this.guards.delete(wire)
    target.failures.bury(left, 'REMOVED', why === '' ? `the wire ${wire.id} was removed` : why)
  }
}

/** The wire between two ports, if there is one; looked for where there are fewer. */
function find(outport: Outport, { intake }: NetworkNode, from: WireEnd, to: WireEnd): Wire | undefined {
  if (intake.width === 0 || outport.width === 0) return undefined
  const candidates = intake.width <= outport.width ? intake.wires : outport.wires
  return candidates.find((wire) => {
    const { fromNode, fromPort, toNode, inport } = wire
    return fromNode === from.node && fromPort === from.port && toNode === to.node && inport.name === to.port
  })
}

function known(names: Iterable<string>): string {
  const list = [...names]
  const shown = list.slice(0, 10).join(', ')
  if (list.length === 0) return 'there are none'
  return list.length > 10 ? `known are ${shown} and ${list.length - 10} more` : `known: ${shown}`
}
