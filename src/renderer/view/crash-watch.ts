import type { InstanceDescription, InstanceState } from '../../shared/index.ts'

/** Tells of each instance that crashes, once per crash; not of those that had crashed before anybody looked. */
export class CrashWatch {
  readonly #states = new Map<string, InstanceState>()

  /** Those that have crashed since they were last looked at. */
  crashed(instances: readonly InstanceDescription[]): InstanceDescription[] {
    return instances.filter(({ instance, state }) => {
      const before = this.#states.get(instance)
      this.#states.set(instance, state)
      return state === 'crashed' && before !== undefined && before !== 'crashed'
    })
  }
}
