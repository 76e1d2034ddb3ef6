import type { ActorDefinition, Network } from '../../runtime/index.ts'
import { describeError } from '../../shared/index.ts'
import { evaluateModule, loadLibrary, placeIn } from './evaluate.ts'
import type { BundledActors, BundledModule } from './module.ts'
import { SwappableActor } from './swappable-actor.ts'

interface LoadedModule {
  code: string
  /** By name. */
  actors: ReadonlyMap<string, SwappableActor>
}

/** The own actors of one instance, and how they are exchanged for newer versions while their nodes run. */
export class OwnActorSet {
  /** How often a newer version of a module has been taken over. */
  reloads = 0
  readonly #modules = new Map<string, LoadedModule>()
  readonly #failures = new Map<string, string>()
  /** Where the modules lie. */
  #folder: string | undefined
  readonly #taken: ReadonlyMap<string, ActorDefinition>
  readonly #log: (text: string) => void
  /** Versions that have been exchanged, while anything still holds them. */
  readonly #old = new Set<WeakRef<ActorDefinition>>()

  constructor({ taken, log }: { taken: ReadonlyMap<string, ActorDefinition>; log: (text: string) => void }) {
    this.#taken = taken
    this.#log = log
  }

  get(name: string): ActorDefinition | undefined {
    return this.#find(name)?.definition
  }

  names(): string[] {
    return [...this.#modules.values()].flatMap(({ actors }) => [...actors.keys()])
  }

  /** What is wrong with modules that did not load, one line each. */
  failures(): string[] {
    return [...this.#failures.values()]
  }

  /** `actors/double.ts:12:7` when an error came from one of the modules. */
  placeOf(error: unknown): string | undefined {
    return this.#folder === undefined ? undefined : placeIn(error, this.#folder)
  }

  /** Old versions of actors that are still held: by timers, by behaviours under way, or until the next garbage collection. */
  get held(): number {
    for (const reference of this.#old) if (reference.deref() === undefined) this.#old.delete(reference)
    return this.#old.size
  }

  /** Loads what is new or has changed. A module that fails is said in the log and leaves its old version in use. */
  async load({ folder, modules, libraryFile }: BundledActors, network: Network | undefined): Promise<void> {
    if (modules.length === 0) return
    this.#folder = folder
    const library = await loadLibrary({ libraryFile })
    for (const module of modules) {
      if (this.#modules.get(module.file)?.code === module.code) continue
      try {
        this.#take(module, evaluateModule(module, folder, library), network)
        this.#failures.delete(module.file)
      } catch (error) {
        this.#failures.set(module.file, describeError(error))
        // One that never loaded is told by whoever names an actor of it, and by the lab.
        if (this.#modules.has(module.file)) this.#log(`${describeError(error)}; its old version goes on`)
      }
    }
  }

  #take({ file, code }: BundledModule, found: readonly ActorDefinition[], network: Network | undefined): void {
    const before = this.#modules.get(file)
    for (const { name } of found) this.#refuseTaken(name, file)
    const actors = new Map<string, SwappableActor>()
    for (const next of found) {
      const old = before?.actors.get(next.name)
      actors.set(next.name, old === undefined ? new SwappableActor(next) : this.#exchange(old, next, network))
    }
    this.#modules.set(file, { code, actors })
    if (before !== undefined) this.reloads++
  }

  /** Takes a newer version over; gives what new nodes shall use. */
  #exchange(old: SwappableActor, next: ActorDefinition, network: Network | undefined): SwappableActor {
    const nodes = network === undefined ? [] : nodesOf(network, next.name)
    if (!old.fits(next)) {
      if (nodes.length > 0)
        this.#log(
          `the ports of ${next.name} have changed: ${nodes.join(', ')} go on with the old version until the instance is started again`,
        )
      return new SwappableActor(next)
    }
    const previous = old.current
    old.swap(next, nodes)
    const renewed: string[] = []
    try {
      for (const node of nodes) {
        network?.rereadConfig(node)
        renewed.push(node)
      }
    } catch (error) {
      // A node's config does not fit the new version: all go on with the old one.
      old.swap(previous, nodes)
      for (const node of renewed) network?.rereadConfig(node)
      throw error
    }
    this.#old.add(new WeakRef(previous))
    return old
  }

  #refuseTaken(name: string, file: string): void {
    if (this.#taken.has(name)) throw new Error(`${file} defines "${name}", which is built in; give it another name`)
    for (const [other, { actors }] of this.#modules)
      if (other !== file && actors.has(name)) throw new Error(`${file} and ${other} both define "${name}"`)
  }

  #find(name: string): SwappableActor | undefined {
    for (const { actors } of this.#modules.values()) {
      const actor = actors.get(name)
      if (actor !== undefined) return actor
    }
    return undefined
  }
}

function nodesOf(network: Network, actor: string): string[] {
  return network.snapshot().nodes.flatMap(({ id, component, role }) => {
    return component === actor && role === 'local' ? [id] : []
  })
}
