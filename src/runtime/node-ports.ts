import type { ActorDefinition, Port } from './actor.ts'
import type { Inport } from './gate.ts'
import { Outport, Outports } from './outport.ts'
import { defaultCapacity } from './wire.ts'

/** The inports of a node, in the order in which its actor names them. */
export function makeInports({ inports }: ActorDefinition): Inport[] {
  return Object.entries<Port>(inports).map(([name, port], index) => ({
    name,
    index,
    kind: port.kind ?? 'any',
    capacity: port.capacity ?? defaultCapacity,
    schema: port.schema,
  }))
}

/** The outports of a node. */
export function makeOutports(node: string, { outports }: ActorDefinition): Outports {
  const all = Object.entries<Port>(outports).map(
    ([name, port]) => new Outport(name, port.kind ?? 'any', port.capacity ?? defaultCapacity),
  )
  return new Outports(node, all)
}
