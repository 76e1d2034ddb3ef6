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
  /** What a message is pushed into, for each wire. */
  inlets: Inlet[] = []
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
    this.inlets = wires.map(({ inlet }) => inlet)
  }

  /** Messages waiting in the outbox. Each wire lacks only the newest ones, so the longest overflow is all of them. */
  get waiting(): number {
    let most = 0
    for (const { overflow } of this.inlets) most = Math.max(most, overflow)
    return most
  }

  /** Whether one more may wait, by count and by bytes (8 MiB). */
  get hasRoom(): boolean {
    const { inlets, capacity } = this
    for (let index = 0; index < inlets.length; index++) {
      const inlet = inlets[index]
      if (inlet !== undefined && (inlet.overflow >= capacity || inlet.overflowBytes >= defaultCapacityBytes))
        return false
    }
    return true
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
