import type { Endpoint, MessageSink, OutboundChannel } from '../peer/index.ts'
import { isMillraceError, MillraceError, type DeliveryMode } from '../shared/index.ts'
import { nodePlatform } from './node-platform.ts'

/**
 * How messages go to several instances of one network: all to the first by name that is up (`pick`), to each in turn (`round-robin`), or
 * to the one with most room (`least-loaded`). Without a spread, all go to one instance until its session is over. What was accepted for
 * an instance stays with it; what was not goes to another when its link goes down. Order is kept per instance.
 */
export const spreads = ['pick', 'round-robin', 'least-loaded'] as const
export type Spread = (typeof spreads)[number]

/** The part of an endpoint that spreading needs. */
export type SpreadLinks = Pick<Endpoint, 'openChannel' | 'subscribe' | 'links' | 'subscribeEvents'>

/** Where messages go, or come from, on every instance. */
export interface SpreadTarget {
  readonly networkId: string
  readonly node: string
  readonly port: string
  readonly spread: Spread
  readonly delivery: DeliveryMode
}

const unsuitableMs = 5_000
const maxWaiting = 256

/** The instances of a network that are linked now, in the order of their names. */
class LinkedInstances {
  #up: string[]
  readonly #undo: () => void

  constructor(links: SpreadLinks, networkId: string, changed: (instance: string, now: 'up' | 'down') => void) {
    this.#up = links
      .links()
      .filter(({ peer, state }) => peer.startsWith(`${networkId}/`) && (state === 'up' || state === 'suspect'))
      .map(({ peer }) => peer.slice(networkId.length + 1))
      .sort()
    this.#undo = links.subscribeEvents((event) => {
      if (event.type !== 'linkUp' && event.type !== 'linkDown') return
      if (event.peer.networkId !== networkId) return
      const { instanceId } = event.peer
      const others = this.#up.filter((instance) => instance !== instanceId)
      this.#up = event.type === 'linkUp' ? [...others, instanceId].sort() : others
      changed(instanceId, event.type === 'linkUp' ? 'up' : 'down')
    })
  }

  get up(): readonly string[] {
    return this.#up
  }

  stop(): void {
    this.#undo()
  }
}

/** A channel to a node of every instance of a network. */
export class SpreadChannel implements OutboundChannel {
  readonly #links: SpreadLinks
  readonly #target: SpreadTarget
  readonly #instances: LinkedInstances
  readonly #channels = new Map<string, OutboundChannel>()
  /** Instances that refused lately, until when. */
  readonly #unsuitable = new Map<string, number>()
  #waiting: (() => void)[] = []
  #turn = 0
  #closed = false

  constructor(links: SpreadLinks, target: SpreadTarget) {
    this.#links = links
    this.#target = target
    this.#instances = new LinkedInstances(links, target.networkId, (instance, now) => this.#changed(instance, now))
  }

  get queued(): number {
    let queued = this.#waiting.length
    for (const channel of this.#channels.values()) queued += channel.queued
    return queued
  }

  send(value: unknown): PromiseLike<void> | undefined {
    const instance = this.#closed ? undefined : this.#choose()
    if (instance === undefined) return this.#later(value, [])
    // Which of those that are full has room first is not known yet.
    if (this.#target.spread === 'least-loaded' && !this.#isReady(instance))
      return this.#later(value, this.#candidates())
    const sent = this.#channelOf(instance).send(value)
    return sent && this.#orElsewhere(sent, instance, value)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#instances.stop()
    for (const channel of this.#channels.values()) channel.close()
    this.#channels.clear()
    this.#wake()
  }

  /** What an instance never accepted may go to another. */
  async #orElsewhere(sent: PromiseLike<void>, instance: string, value: unknown): Promise<void> {
    try {
      await sent
    } catch (error) {
      if (this.#closed || !isMillraceError(error)) throw error
      if (error.code === 'NOT_EXPORTED' || error.code === 'PORT_UNKNOWN') {
        this.#unsuitable.set(instance, nodePlatform.monotonicMs() + unsuitableMs)
        if (this.#suitable().length === 0) throw error
      } else if (error.code !== 'LINK_DOWN') throw error
      await this.send(value)
    }
  }

  /** Waits until one of these takes a message at once, or another instance comes. */
  async #later(value: unknown, candidates: readonly string[]): Promise<void> {
    if (this.#closed) throw new MillraceError('LINK_DOWN', `the channel to ${this.#target.networkId} is closed`)
    if (this.#waiting.length >= maxWaiting)
      throw new MillraceError('OUTBOX_FULL', `${maxWaiting} messages wait for an instance of ${this.#target.networkId}`)
    await new Promise<void>((done) => {
      const wake = () => {
        for (const undo of undos) undo?.()
        this.#waiting = this.#waiting.filter((other) => other !== wake)
        done()
      }
      const undos = candidates.map((candidate) => this.#channelOf(candidate).whenReady?.(wake))
      this.#waiting.push(wake)
    })
    await this.send(value)
  }

  #isReady(instance: string): boolean {
    const undo = this.#channelOf(instance).whenReady?.(() => undefined)
    undo?.()
    return undo === undefined
  }

  #candidates(): readonly string[] {
    const suitable = this.#suitable()
    // Where all refused lately, one of them says so again.
    return suitable.length > 0 ? suitable : this.#instances.up
  }

  #choose(): string | undefined {
    const candidates = this.#candidates()
    switch (this.#target.spread) {
      case 'round-robin':
        return candidates[this.#turn++ % candidates.length]
      case 'least-loaded':
        return this.#roomiest(candidates)
      default:
        return candidates[0]
    }
  }

  /**
   * Room is what the receiver's credit allows, so it shows how far a node is behind, here or there. One that answers at once goes before
   * all others, since it has room or says why it never will. Equals take turns.
   */
  #roomiest(candidates: readonly string[]): string | undefined {
    const start = this.#turn++
    let best: string | undefined
    let most = -Infinity
    for (let index = 0; index < candidates.length; index++) {
      const instance = candidates[(start + index) % candidates.length]
      if (instance === undefined) continue
      const room = this.#isReady(instance) ? (this.#channelOf(instance).credit ?? 0) : -1
      if (room <= most) continue
      best = instance
      most = room
    }
    return best
  }

  #suitable(): readonly string[] {
    if (this.#unsuitable.size === 0) return this.#instances.up
    const nowMs = nodePlatform.monotonicMs()
    for (const [instance, untilMs] of this.#unsuitable) if (untilMs <= nowMs) this.#unsuitable.delete(instance)
    return this.#instances.up.filter((instance) => !this.#unsuitable.has(instance))
  }

  #channelOf(instance: string): OutboundChannel {
    const open = this.#channels.get(instance)
    if (open) return open
    const { networkId, node, port, delivery } = this.#target
    const channel = this.#links.openChannel(networkId, node, port, { instanceId: instance, delivery })
    this.#channels.set(instance, channel)
    return channel
  }

  #changed(instance: string, now: 'up' | 'down'): void {
    if (now === 'up') return this.#wake()
    // What it had accepted still comes when it is back; what waited goes elsewhere.
    this.#channels.get(instance)?.close()
    this.#channels.delete(instance)
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}

/** Takes what a node emits on the instances of a network: on the one that is picked, or on all of them. Returns its undo. */
export function subscribeSpread(links: SpreadLinks, target: SpreadTarget, sink: MessageSink): () => Promise<void> {
  const { networkId, node, port, spread, delivery } = target
  const open = new Map<string, () => Promise<void>>()
  const ending = new Set<Promise<void>>()
  const end = (instance: string) => {
    const ended = open.get(instance)?.()
    open.delete(instance)
    if (!ended) return
    ending.add(ended)
    void ended.then(() => ending.delete(ended))
  }
  const follow = () => {
    const { up } = instances
    const wanted = spread === 'pick' ? up.slice(0, 1) : up
    for (const instance of wanted)
      if (!open.has(instance))
        open.set(instance, links.subscribe(networkId, node, port, sink, { instanceId: instance, delivery }))
    // One that is down may come back; only the picked one is replaced, and only by one that is up.
    if (spread === 'pick' && wanted.length > 0)
      for (const instance of open.keys()) if (!wanted.includes(instance)) end(instance)
  }
  const instances = new LinkedInstances(links, networkId, follow)
  follow()
  return async () => {
    instances.stop()
    for (const instance of open.keys()) end(instance)
    await Promise.all(ending)
  }
}
