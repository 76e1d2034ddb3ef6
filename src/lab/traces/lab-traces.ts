import type { TracePlace } from '../../runtime/index.ts'
import type { InstanceState, TaggedMessage } from '../../shared/index.ts'
import { nodePlatform } from '../node-platform.ts'
import type { Following } from './following.ts'
import { TraceStore } from './trace-store.ts'

/** The instances of a lab, as far as following messages needs them. */
export interface TracedInstances {
  names(): string[]
  /** Throws `INSTANCE_UNKNOWN`. */
  stateOf(instance: string): InstanceState
  follow(instance: string, following: Following | undefined): Promise<void>
  followNext(instance: string, place: TracePlace, withinMs: number): Promise<{ traceId: string }>
  sendFollowed(
    instance: string,
    to: { node: string; port: string },
    message: TaggedMessage,
  ): Promise<string | undefined>
}

/** A message that was asked for by itself is followed for this long, wherever it leads. */
const singleMs = 60_000

/** What is followed in a lab, and what came of it. */
export class LabTraces {
  readonly store = new TraceStore()
  readonly #instances: TracedInstances
  readonly #oneIn = new Map<string, number>()
  /** While a single message may be under way. */
  #cancelSingle: (() => void) | undefined

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
    if (this.#oneIn.size === 0) this.stop()
    await this.#tellAll()
  }

  /**
   * Follows the next message that comes to a node or goes onto a wire, and gives its trace. Throws `INSTANCE_UNKNOWN`, `INSTANCE_STATE`, `NODE_UNKNOWN`, `WIRE_UNKNOWN`,
   * and `MESSAGE_GONE` when none comes in time.
   */
  async followNext(instance: string, place: TracePlace, withinMs: number): Promise<{ traceId: string }> {
    await this.#beginSingle(instance)
    return await this.#instances.followNext(instance, place, withinMs)
  }

  /** Sends a message to an inport and follows it; gives its trace. Throws what sending does. */
  async send(
    instance: string,
    to: { node: string; port: string },
    message: TaggedMessage,
  ): Promise<string | undefined> {
    await this.#beginSingle(instance)
    return await this.#instances.sendFollowed(instance, to, message)
  }

  /** Tells an instance that runs how to follow: whatever leaves another may come to it. */
  async tell(instance: string): Promise<void> {
    if (this.#instances.stateOf(instance) !== 'running') return
    const isFollowing = this.#oneIn.size > 0 || this.#cancelSingle !== undefined
    const linksBegin = this.#oneIn.size < this.#instances.names().length
    const following = isFollowing ? { oneIn: this.#oneIn.get(instance), linksBegin } : undefined
    await this.#instances.follow(instance, following)
  }

  /** Leaves no timer behind. */
  stop(): void {
    this.#cancelSingle?.()
    this.#cancelSingle = undefined
  }

  async #beginSingle(instance: string): Promise<void> {
    this.#instances.stateOf(instance)
    this.stop()
    this.#cancelSingle = nodePlatform.after(singleMs, () => {
      this.#cancelSingle = undefined
      // An instance that stops meanwhile follows nothing anyway.
      this.#tellAll().catch(() => undefined)
    })
    await this.#tellAll()
  }

  async #tellAll(): Promise<void> {
    await Promise.all(this.#instances.names().map((name) => this.tell(name)))
  }
}
