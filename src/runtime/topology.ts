import { kindFits, MillraceError, type WireEnd } from '../shared/index.ts'
import type { Inport } from './inport.ts'
import type { NetworkNode } from './network-node.ts'
import { OutsideDoor } from './outside-door.ts'
import { defaultCapacityBytes, Wire, wireId } from './wire.ts'

/** How much a wire holds; what is left out has the inport's value or the default. */
export interface WireBounds {
  capacity?: number
  capacityBytes?: number
}

/** The nodes and wires of a network, and who is joined to whom. */
export class Topology {
  readonly nodes = new Map<string, NetworkNode>()
  readonly wires = new Map<string, Wire>()
  readonly #doors = new Map<Inport, OutsideDoor>()

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
  addWire(from: WireEnd, to: WireEnd, bounds: WireBounds): Wire {
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
    const wire = new Wire({
      from: { node: from.node, port: from.port },
      to: { node: to.node, port: to.port },
      capacity: checkBound(id, 'capacity', bounds.capacity ?? inport.capacity),
      capacityBytes: checkBound(id, 'capacityBytes', bounds.capacityBytes ?? defaultCapacityBytes),
      source: source.outbox,
      target: target.gateOf(inport.index),
      inport,
    })
    this.wires.set(id, wire)
    outport.wires.push(wire)
    target.inwires.add(wire)
    return wire
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
    outport.wires = outport.wires.filter((other) => other !== wire)
    target.inwires.delete(wire)
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
    for (const wire of this.wires.values()) queued += wire.length
    for (const { wire } of this.#doors.values()) queued += wire.length
    return queued
  }

  #empty(target: NetworkNode, wire: Wire, why: string): void {
    wire.target.remove(wire)
    const left = wire.clear().map((value) => ({ port: wire.to.port, source: wire.origin, value }))
    target.failures.bury(left, 'REMOVED', why === '' ? `the wire ${wire.id} was removed` : why)
  }
}

function checkBound(wire: string, name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new MillraceError('CONFIG_INVALID', `wire ${wire}: ${name} is a whole number above 0, not ${String(value)}`)
}

function known(names: Iterable<string>): string {
  const list = [...names]
  const shown = list.slice(0, 10).join(', ')
  if (list.length === 0) return 'there are none'
  return list.length > 10 ? `known are ${shown} and ${list.length - 10} more` : `known: ${shown}`
}
