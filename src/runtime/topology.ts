import { kindFits, MillraceError, type WireEnd, type WireOptions } from '../shared/index.ts'
import type { Inport } from './inport.ts'
import type { NetworkNode } from './network-node.ts'
import { OutsideDoor } from './outside-door.ts'
import { WireGuard, type GuardHost } from './wire-guard.ts'
import { wireSettings, type WireSettings } from './wire-settings.ts'
import { Wire, wireId } from './wire.ts'

/** The nodes and wires of a network, and who is joined to whom. */
export class Topology {
  readonly nodes = new Map<string, NetworkNode>()
  readonly wires = new Map<string, Wire>()
  /** What stands before the wires that need it. */
  readonly guards = new Map<Wire, WireGuard>()
  readonly #doors = new Map<Inport, OutsideDoor>()
  readonly #settings = new Map<Wire, WireSettings>()
  readonly #host: GuardHost

  constructor(host: GuardHost) {
    this.#host = host
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
    const inport = node.inports.find((candidate) => candidate.name === name)
    if (inport !== undefined) return inport
    const names = known(node.inports.map((candidate) => candidate.name))
    throw new MillraceError('PORT_UNKNOWN', `node "${node.id}" (${node.actor.name}) has no inport "${name}"; ${names}`)
  }

  /** Joins two ports. Throws `NODE_UNKNOWN`, `PORT_UNKNOWN`, `KIND_MISMATCH`, `WIRE_DUPLICATE` and `CONFIG_INVALID`. */
  addWire(from: WireEnd, to: WireEnd, options: WireOptions): Wire {
    const id = wireId(from, to)
    const source = this.node(from.node)
    const target = this.node(to.node)
    const outport = source.outports.get(from.port)
    const inport = this.inport(target, to.port)
    if (this.wires.has(id)) throw new MillraceError('WIRE_DUPLICATE', `there is already a wire ${id}`)
    if (!kindFits(outport.kind, inport.kind)) {
      const kinds = `outport "${from.port}" emits ${outport.kind}, inport "${to.port}" takes ${inport.kind}`
      throw new MillraceError('KIND_MISMATCH', `the wire ${id} cannot be: ${kinds}`)
    }
    const settings = wireSettings(id, options, inport)
    const wire = new Wire({
      from: { node: from.node, port: from.port },
      to: { node: to.node, port: to.port },
      capacity: settings.capacity,
      capacityBytes: settings.bytes,
      source: source.outbox,
      target: target.gateOf(inport.index),
      inport,
    })
    this.wires.set(id, wire)
    // Only what differs from the inport's defaults is kept: ten thousand wires need no more.
    if (Object.keys(options).length > 0) this.#settings.set(wire, settings)
    target.inwires.push(wire)
    outport.join([...outport.wires, wire])
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
    const wire = this.wires.get(id)
    if (wire !== undefined) return wire
    throw new MillraceError('WIRE_UNKNOWN', `there is no wire ${id}; ${known(this.wires.keys())}`)
  }

  /** Changes what stands before a wire; it is made when it is needed, and goes when it no longer is. */
  changeGuard<Result>(wire: Wire, change: (guard: WireGuard) => Result): Result {
    const settings = this.#settings.get(wire) ?? wireSettings(wire.id, {}, wire.inport)
    const guard = this.guards.get(wire) ?? new WireGuard(wire, settings, this.#host)
    const result = change(guard)
    const isNeeded = guard.isNeeded || guard.pen.length > 0
    const target = this.nodes.get(wire.to.node)
    if (isNeeded) this.guards.set(wire, guard)
    else this.guards.delete(wire)
    if (!isNeeded) guard.stop()
    if (guard.hasTimeToLive) target?.watchTime(guard)
    else target?.unwatchTime(guard)
    wire.inlet = isNeeded ? guard : wire
    const outport = this.nodes.get(wire.from.node)?.outports.find(wire.from.port)
    outport?.join(outport.wires)
    return result
  }

  /** Takes a wire away; what was on it becomes dead letters. Throws `WIRE_UNKNOWN`. */
  removeWire(from: WireEnd, to: WireEnd, why: string): Wire {
    const id = wireId(from, to)
    const wire = this.wires.get(id)
    if (wire === undefined) throw new MillraceError('WIRE_UNKNOWN', `there is no wire ${id}`)
    const source = this.node(from.node)
    const target = this.node(to.node)
    const outport = source.outports.get(from.port)
    this.wires.delete(id)
    this.#settings.delete(wire)
    outport.join(outport.wires.filter((other) => other !== wire))
    target.inwires = target.inwires.filter((other) => other !== wire)
    this.#empty(target, wire, why)
    return wire
  }

  /** Takes a node away with its wires; what was queued for it, or by it, becomes dead letters. Gives the wires that went. */
  removeNode(node: NetworkNode): Wire[] {
    const why = `node "${node.id}" was removed`
    // What waits for room joins its wires, so that it is not forgotten.
    node.outbox.flush()
    const removed = [...this.wires.values()].filter(({ from, to }) => from.node === node.id || to.node === node.id)
    for (const { from, to } of removed) this.removeWire(from, to, why)
    for (const inport of node.inports) {
      const door = this.#doors.get(inport)
      if (door === undefined) continue
      door.refuse(new MillraceError('NODE_UNKNOWN', why))
      this.#empty(node, door.wire, why)
      this.#doors.delete(inport)
    }
    this.nodes.delete(node.id)
    return removed
  }

  /** Where messages from outside come in to a port. */
  door(node: NetworkNode, inport: Inport): OutsideDoor {
    const door = this.#doors.get(inport) ?? new OutsideDoor(node, inport)
    this.#doors.set(inport, door)
    return door
  }

  doors(): OutsideDoor[] {
    return [...this.#doors.values()]
  }

  /** Messages in all queues, outboxes included; a message on two wires counts twice. */
  get queued(): number {
    let queued = 0
    for (const wire of this.wires.values()) queued += wire.length + (this.guards.get(wire)?.pen.length ?? 0)
    for (const { wire } of this.#doors.values()) queued += wire.length
    return queued
  }

  #empty(target: NetworkNode, wire: Wire, why: string): void {
    wire.target.remove(wire)
    const guard = this.guards.get(wire)
    const left = [...wire.clear(), ...(guard?.pen.clear() ?? [])].map((value) => {
      return { port: wire.to.port, source: wire.origin, value }
    })
    guard?.stop()
    if (guard !== undefined) target.unwatchTime(guard)
    this.guards.delete(wire)
    target.failures.bury(left, 'REMOVED', why === '' ? `the wire ${wire.id} was removed` : why)
  }
}

function known(names: Iterable<string>): string {
  const list = [...names]
  const shown = list.slice(0, 10).join(', ')
  if (list.length === 0) return 'there are none'
  return list.length > 10 ? `known are ${shown} and ${list.length - 10} more` : `known: ${shown}`
}
