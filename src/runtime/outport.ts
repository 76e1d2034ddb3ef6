import { MillraceError, type MessageKind } from '../shared/index.ts'
import type { ActorDefinition, Port } from './actor.ts'
import { defaultCapacity } from './inport.ts'
import { defaultCapacityBytes, type Inlet, type Wire } from './wire.ts'

/** Kinds of which `undefined` can be a message. */
const kindsWithFlow: ReadonlySet<MessageKind> = new Set(['any', 'flow', 'event', 'optional'])

/** What is the same for an outport of all nodes of an actor. */
export interface OutportShape {
  readonly name: string
  readonly kind: MessageKind
  readonly capacity: number
  readonly emitsUndefined: boolean
}

/** An outport of a node: the wires that each get every message, and how much may wait for them. */
export class Outport {
  readonly name: string
  readonly kind: MessageKind
  /** Messages that may wait in the outbox for each wire. */
  readonly capacity: number
  /** Whether `{ Port: undefined }` in a returned object is a message. */
  readonly emitsUndefined: boolean
  /** What a message is pushed into: most outports have one wire, and to find it in an array costs 2 ns a message. */
  first: Inlet | undefined
  /** The same for all wires but the first, if there are more. */
  others: Inlet[] | undefined
  sent = 0

  constructor({ name, kind, capacity, emitsUndefined }: OutportShape) {
    this.name = name
    this.kind = kind
    this.capacity = capacity
    this.emitsUndefined = emitsUndefined
  }

  /** The wires that each get every message. */
  get wires(): Wire[] {
    if (this.first === undefined) return []
    return [this.first.wire, ...(this.others?.map(({ wire }) => wire) ?? [])]
  }

  /** Has every message go to one more wire from now on. */
  join({ inlet }: Wire): void {
    if (this.first === undefined) this.first = inlet
    else if (this.others === undefined) this.others = [inlet]
    else this.others.push(inlet)
  }

  /** Looks again where the wires want their messages, which may have a guard now, and leaves out the one that goes. */
  rejoin(gone?: Wire): void {
    const [first, ...others] = this.wires.filter((wire) => wire !== gone).map(({ inlet }) => inlet)
    this.first = first
    this.others = others.length === 0 ? undefined : others
  }

  /** How many wires it has. */
  get width(): number {
    return this.first === undefined ? 0 : 1 + (this.others?.length ?? 0)
  }

  /** Messages waiting in the outbox. Each wire lacks only the newest ones, so the longest overflow is all of them. */
  get waiting(): number {
    let most = this.first?.overflow ?? 0
    if (this.others !== undefined) for (const { overflow } of this.others) most = Math.max(most, overflow)
    return most
  }

  /** Whether one more may wait, by count and by bytes (8 MiB). */
  get hasRoom(): boolean {
    const { first, others } = this
    if (first !== undefined && !this.#hasRoomIn(first)) return false
    if (others === undefined) return true
    for (let index = 0; index < others.length; index++) {
      const inlet = others[index]
      if (inlet !== undefined && !this.#hasRoomIn(inlet)) return false
    }
    return true
  }

  #hasRoomIn({ overflow, overflowBytes }: Inlet): boolean {
    return overflow < this.capacity && overflowBytes < defaultCapacityBytes
  }
}

/** A node with its outports, in the order in which its actor names them. */
export interface PortsOwner {
  readonly id: string
  readonly outports: readonly Outport[]
}

/** Finds an outport by name. A few comparisons of interned names are faster than a map, and actors have few ports. */
export function findOutport({ outports }: PortsOwner, name: string): Outport | undefined {
  for (let index = 0; index < outports.length; index++) {
    const outport = outports[index]
    if (outport !== undefined && outport.name === name) return outport
  }
  return undefined
}

/** As `findOutport`, but an unknown name is a `PORT_UNKNOWN`. */
export function outportOf(node: PortsOwner, name: string): Outport {
  const outport = findOutport(node, name)
  if (outport !== undefined) return outport
  const names = node.outports.map((other) => other.name).join(', ') || 'none'
  throw new MillraceError('PORT_UNKNOWN', `node "${node.id}" has no outport "${name}"; it has: ${names}`)
}

/** What the outports of an actor are like, in the order in which it names them. */
export function outportShapes({ outports }: ActorDefinition): OutportShape[] {
  return Object.entries<Port>(outports).map(([name, port]) => {
    return outportShape(name, port.kind ?? 'any', port.capacity ?? defaultCapacity)
  })
}

export function outportShape(name: string, kind: MessageKind, capacity: number): OutportShape {
  return { name, kind, capacity, emitsUndefined: kindsWithFlow.has(kind) }
}

/** Outports of these shapes, for one node. */
export function makeOutports(shapes: readonly OutportShape[]): Outport[] {
  // Most have one or two, and where an actor has none, none is made.
  return shapes.length === 0 ? noOutports : shapes.map((shape) => new Outport(shape))
}

const noOutports: Outport[] = []
