import type { ActorDefinition } from './actor.ts'
import type { ByteWatch } from './byte-watch.ts'
import type { Context } from './context.ts'
import { type Inport, makeInports } from './inport.ts'
import { SharedInputs } from './inputs.ts'
import { makeOutports, type Outport, type OutportShape, outportShapes } from './outport.ts'

/** What all nodes of one actor in a network have in common: worked out once, so that ten thousand nodes share it. */
export class ActorPlan {
  readonly actor: ActorDefinition
  readonly inports: readonly Inport[]
  readonly inputs: SharedInputs
  readonly behaviour: (context: Context) => unknown
  /** How many gates a node has: with `all` firing one for each inport. */
  readonly gates: number
  /** Whether an inport has a schema. */
  readonly checksMessages: boolean
  readonly #outports: readonly OutportShape[]

  constructor(actor: ActorDefinition, bytes: ByteWatch | undefined) {
    this.actor = actor
    this.inports = makeInports(actor)
    this.inputs = new SharedInputs(actor)
    // A source has no behaviour; whatever it gets is taken and forgotten.
    const behaviour: ActorPlan['behaviour'] = actor.run ?? (() => undefined)
    this.behaviour = bytes === undefined ? behaviour : bytes.guard(behaviour)
    this.gates = actor.firing === 'all' ? this.inports.length : 1
    this.checksMessages = this.inports.some(({ schema }) => schema !== undefined)
    this.#outports = outportShapes(actor)
  }

  /** The outports of one node, in the order in which the actor names them. */
  makeOutports(): Outport[] {
    return makeOutports(this.#outports)
  }
}
