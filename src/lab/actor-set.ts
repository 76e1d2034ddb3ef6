import { builtInActors, exec } from '../actors/index.ts'
import { didYouMean } from '../graph/index.ts'
import { defineActor, type ActorDefinition, type Network } from '../runtime/index.ts'
import { MillraceError } from '../shared/index.ts'
import { OwnActorSet } from './own-actors/own-actor-set.ts'
import type { BundledActors } from './own-actors/module.ts'

/** The actors that the nodes of one instance may use: those built in, and those of the lab's own folder. */
export class ActorSet {
  readonly own: OwnActorSet
  readonly #builtIn: ReadonlyMap<string, ActorDefinition>

  constructor({ allowExec, log }: { allowExec: boolean; log: (text: string) => void }) {
    const actors = builtInActors.map((actor) => (actor === exec && !allowExec ? refusedExec : actor))
    this.#builtIn = new Map(actors.map((actor) => [actor.name, actor]))
    this.own = new OwnActorSet({ taken: this.#builtIn, log })
  }

  /** The actor of a node. Throws `ACTOR_UNKNOWN`, or `ACTOR_MODULE_INVALID` when it may be in a module that does not load. */
  get(component: string, node: string): ActorDefinition {
    const actor = this.#builtIn.get(component) ?? this.own.get(component)
    if (actor !== undefined) return actor
    const [broken] = this.own.failures()
    if (broken !== undefined)
      throw new MillraceError('ACTOR_MODULE_INVALID', `node "${node}" uses "${component}", and ${broken}`)
    const near =
      didYouMean(component, [...this.#builtIn.keys(), ...this.own.names()]) || '; "millrace check" lists those that are'
    throw new MillraceError('ACTOR_UNKNOWN', `node "${node}" uses the actor "${component}", which is not known${near}`)
  }

  /** What there is to tell of own actors; nothing when there are none. */
  figures(): { ownActors?: { reloads: number; held: number } } {
    return this.own.names().length === 0 ? {} : { ownActors: { reloads: this.own.reloads, held: this.own.held } }
  }

  /** Loads own actors, or newer versions of them, and brings the nodes that use them up to date. */
  async load(bundle: BundledActors, network?: Network): Promise<void> {
    await this.own.load(bundle, network)
  }
}

/** Stands where programs may not be run, with the ports of the real one. */
const refusedExec = defineActor({
  ...exec,
  start() {
    throw new MillraceError(
      'EXEC_REFUSED',
      'it runs a program, which no file can allow; start the lab with "millrace run --allow-exec"',
    )
  },
  run: () => undefined,
}) as ActorDefinition
