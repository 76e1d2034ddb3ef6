import type { InstanceState } from '../../shared/index.ts'
import type { Following } from './following.ts'
import { TraceStore } from './trace-store.ts'

/** The instances of a lab, as far as following messages needs them. */
export interface TracedInstances {
  names(): string[]
  /** Throws `INSTANCE_UNKNOWN`. */
  stateOf(instance: string): InstanceState
  follow(instance: string, following: Following | undefined): Promise<void>
}

/** What is followed in a lab, and what came of it. */
export class LabTraces {
  readonly store = new TraceStore()
  readonly #instances: TracedInstances
  readonly #oneIn = new Map<string, number>()

  constructor(instances: TracedInstances) {
    this.#instances = instances
  }

  /** What is followed, by the instance in which it begins. */
  following(): { instance: string; oneIn: number }[] {
    return Array.from(this.#oneIn, ([instance, oneIn]) => ({ instance, oneIn }))
  }

  /** Follows one in so many messages of an instance, or of all; 0 for none. Throws `INSTANCE_UNKNOWN`. */
  async follow({ oneIn, instance }: { oneIn: number; instance?: string | undefined }): Promise<void> {
    const names = this.#instances.names()
    if (instance !== undefined) this.#instances.stateOf(instance)
    for (const name of instance === undefined ? names : [instance]) {
      if (oneIn === 0) this.#oneIn.delete(name)
      else this.#oneIn.set(name, oneIn)
    }
    await Promise.all(names.map((name) => this.tell(name)))
  }

  /** Tells an instance that runs how to follow: whatever leaves another may come to it. */
  async tell(instance: string): Promise<void> {
    if (this.#instances.stateOf(instance) !== 'running') return
    const linksBegin = this.#oneIn.size < this.#instances.names().length
    const following = this.#oneIn.size === 0 ? undefined : { oneIn: this.#oneIn.get(instance), linksBegin }
    await this.#instances.follow(instance, following)
  }
}
