import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { MessageKind } from '../shared/index.ts'
import type { ActorDefinition, Port } from './actor.ts'

/** Messages a queue holds when nobody says how many. */
export const defaultCapacity = 1024

/** An inport of an actor, as its wires and loops need it. */
export interface Inport {
  readonly name: string
  readonly index: number
  readonly kind: MessageKind
  readonly capacity: number
  readonly schema: StandardSchemaV1 | undefined
}

/** The inports of an actor, in the order in which it names them. */
export function makeInports({ inports }: ActorDefinition): Inport[] {
  return Object.entries<Port>(inports).map(([name, port], index) => ({
    name,
    index,
    kind: port.kind ?? 'any',
    capacity: port.capacity ?? defaultCapacity,
    schema: port.schema,
  }))
}
