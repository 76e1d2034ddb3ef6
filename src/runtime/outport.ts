import { MillraceError, type MessageKind } from '../shared/index.ts'
import type { ActorDefinition, Port } from './actor.ts'
import { defaultCapacity } from './inport.ts'
import { defaultCapacityBytes, type Inlet, type Wire } from './wire.ts'

/** Kinds of which `undefined` can be a message. */
const kindsWithFlow: ReadonlySet<MessageKind> = new Set(['any', 'flow', 'event', 'optional'])

/** An outport of a node: the wires that each get every message, and how much may wait for them. */
export class Outport {
  readonly name: string
  readonly kind: MessageKind
  /** Messages that may wait in the outbox for each wire. */
  readonly capacity: number
  /** Whether `{ Port: undefined }` in a returned object is a message. */
  readonly emitsUndefined: boolean
  wires: Wire[] = []
  /** What a message is pushed into: most outports have one wire, and to find it in an array costs 2 ns a message. */
  first: Inlet | undefined
  /** The same for all wires but the first, if there are more. */
  others: Inlet[] | undefined
  sent = 0

  constructor(name: string, kind: MessageKind, capacity: number) {
    this.name = name
    this.kind = kind
    this.capacity = capacity
    this.emitsUndefined = kindsWithFlow.has(kind)
  }

  /** Sets the wires that each get every message from now on. */
  join(wires: Wire[]): void {
    this.wires = wires
    const [first, ...others] = wires.map(({ inlet }) => inlet)
    this.first = first
    this.others = others.length === 0 ? undefined : others
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

/** The outports of one node. */
export class Outports {
  readonly all: readonly Outport[]
  readonly #node: string

  constructor(node: string, all: readonly Outport[]) {
    this.#node = node
    this.all = all
  }

  /** Finds an outport by name. A few comparisons of interned names are faster than a map, and actors have few ports. */
  find(name: string): Outport | undefined {
    const { all } = this
    for (let index = 0; index < all.length; index++) {
      const outport = all[index]
      if (outport !== undefined && outport.name === name) return outport
    }
    return undefined
  }

  /** As `find`, but an unknown name is a `PORT_UNKNOWN`. */
  get(name: string): Outport {
    return this.find(name) ?? this.#unknown(name)
  }

  #unknown(name: string): never {
    const names = this.all.map((outport) => outport.name).join(', ') || 'none'
    throw new MillraceError('PORT_UNKNOWN', `node "${this.#node}" has no outport "${name}"; it has: ${names}`)
  }
}

/** The outports of a node, in the order in which its actor names them. */
export function makeOutports(node: string, { outports }: ActorDefinition): Outports {
  const all = Object.entries<Port>(outports).map(
    ([name, port]) => new Outport(name, port.kind ?? 'any', port.capacity ?? defaultCapacity),
  )
  return new Outports(node, all)
}
