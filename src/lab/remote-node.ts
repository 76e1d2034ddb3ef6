import { withoutKind, type OutboundChannel } from '../peer/index.ts'
import { nodePlatform } from './node-platform.ts'
import { defineActor, type ActorDefinition, type NodeContext, type Ports } from '../runtime/index.ts'
import { deliveryModes, type DeliveryMode } from '../shared/index.ts'
import type { TraceScope } from './traces/trace-scope.ts'
import { SpreadChannel, subscribeSpread, type Spread, type SpreadLinks } from './spread.ts'

const endMs = 10_000

/** Which node of which peer a remote node stands for. */
export interface RemoteTarget {
  node: string
  networkId: string
  /** How messages go to several instances of the network; without it all go to one. */
  spread?: Spread
}

/** How a remote node is named in graphs: `<node>@<networkId>`. */
export function remoteComponent({ node, networkId }: RemoteTarget): string {
  return `${node}@${networkId}`
}

/** Ports by name, all of any kind: what a peer's node takes is checked there. */
export function anyPorts(names: readonly string[]): Ports {
  return Object.fromEntries([...new Set(names)].map((name) => [name, {}]))
}

type Links = SpreadLinks
type RemoteContext = NodeContext<Ports, unknown, undefined>

/**
 * A node that stands for a node of a peer. What it gets goes to the peer's inport; what the peer's node emits at an outport that is
 * wired here comes out of it. Both ways wait for credit, so back pressure crosses the link.
 */
export class RemoteNode {
  readonly actor: ActorDefinition
  readonly #links: Links
  readonly #waiting: (port: string) => number
  readonly #scope: TraceScope
  readonly #target: RemoteTarget
  readonly #channels = new Map<string, OpenChannel>()
  readonly #subscriptions = new Map<string, Subscription | undefined>()
  /** What its wires ask for, by the port and the wire. */
  readonly #asked = {
    in: new Map<string, Map<string, DeliveryMode>>(),
    out: new Map<string, Map<string, DeliveryMode>>(),
  }
  #context: RemoteContext | undefined

  /** `waiting`: how many messages of an outport no node has taken yet. */
  constructor(
    links: Links,
    scope: TraceScope,
    target: RemoteTarget,
    ports: { inports: readonly string[]; outports: readonly string[] },
    waiting: (port: string) => number,
  ) {
    this.#links = links
    this.#waiting = waiting
    this.#scope = scope
    this.#target = target
    this.actor = defineActor({
      name: remoteComponent(target),
      description: `Stands for the node "${target.node}" of ${target.networkId}.`,
      inports: anyPorts(ports.inports),
      outports: anyPorts(ports.outports),
      state: () => undefined,
      start: (context) => this.#start(context),
      run: ({ port, inputs }) => this.#channel(port).send(this.#scope.outgoing(inputs[port])),
    })
  }

  get target(): RemoteTarget {
    return this.#target
  }

  /**
   * A wire to its inport or from its outport asks for a delivery; without one it asks no longer. All wires of a port share a channel,
   * which promises the most that one of them asks for.
   */
  deliver(side: 'in' | 'out', port: string, wire: string, delivery: DeliveryMode | undefined): void {
    const asked = this.#asked[side].get(port) ?? new Map<string, DeliveryMode>()
    this.#asked[side].set(port, asked)
    if (delivery === undefined) asked.delete(wire)
    else asked.set(wire, delivery)
    if (asked.size === 0) this.#asked[side].delete(port)
    else if (side === 'out') this.#resubscribe(port)
    // Looked at now, since it would cost much to look for each message.
    const open = side === 'in' ? this.#channels.get(port) : undefined
    if (open) open.isOutdated = open.delivery !== this.#deliveryOf('in', port)
  }

  /** Subscribes to an outport of the peer's node; to be called when it is wired here. */
  subscribe(port: string): void {
    if (!this.#subscriptions.has(port)) this.#subscriptions.set(port, undefined)
    this.#activate()
  }

  /** Ends the subscription of an outport; to be called when its last wire is gone. */
  unsubscribe(port: string): void {
    void this.#subscriptions.get(port)?.end()
    this.#subscriptions.delete(port)
  }

  #start(context: RemoteContext): () => Promise<void> {
    this.#context = context
    this.#activate()
    return () => this.end()
  }

  /** Ends all its subscriptions and channels, once what is under way has been taken; to be called before it is removed. */
  async end(): Promise<void> {
    this.#context = undefined
    const ended = [...this.#subscriptions].map(([port, subscription]) => {
      this.#subscriptions.set(port, undefined)
      return subscription?.end()
    })
    // What the peer sent before it heard of this is still taken, so a stop loses nothing.
    await withinMs(endMs, Promise.all(ended))
    for (const { channel } of this.#channels.values()) channel.close()
    this.#channels.clear()
  }

  #activate(): void {
    const context = this.#context
    if (context === undefined) return
    for (const [port, subscription] of this.#subscriptions) {
      const handle = context.out[port]
      if (subscription !== undefined || handle === undefined) continue
      const { networkId, node, spread } = this.#target
      const delivery = this.#deliveryOf('out', port)
      const sink = this.#scope.incoming({
        deliver: (value: unknown) => handle.send(withoutKind(value)),
        untaken: () => this.#waiting(port),
      })
      const end =
        spread === undefined
          ? this.#links.subscribe(networkId, node, port, sink, { delivery })
          : subscribeSpread(this.#links, { networkId, node, port, spread, delivery }, sink)
      this.#subscriptions.set(port, { end, delivery })
    }
  }

  /** What comes of the new subscription waits until what was under way of the old one has been taken. */
  #resubscribe(port: string): void {
    const subscription = this.#subscriptions.get(port)
    if (subscription === undefined || subscription.delivery === this.#deliveryOf('out', port)) return
    void subscription.end()
    this.#subscriptions.set(port, undefined)
    this.#activate()
  }

  #channel(port: string): OutboundChannel {
    const open = this.#channels.get(port)
    // While messages wait in the old channel a new one might overtake it.
    if (open !== undefined && (!open.isOutdated || open.channel.queued > 0)) return open.channel
    open?.channel.close()
    const { networkId, node, spread } = this.#target
    const delivery = this.#deliveryOf('in', port)
    const channel =
      spread === undefined
        ? this.#links.openChannel(networkId, node, port, { delivery })
        : new SpreadChannel(this.#links, { networkId, node, port, spread, delivery })
    this.#channels.set(port, { channel, delivery, isOutdated: false })
    return channel
  }

  #deliveryOf(side: 'in' | 'out', port: string): DeliveryMode {
    const asked = new Set(this.#asked[side].get(port)?.values())
    return deliveryModes.find((delivery) => asked.has(delivery)) ?? 'reliable'
  }
}

interface OpenChannel {
  readonly channel: OutboundChannel
  readonly delivery: DeliveryMode
  /** Whether its wires ask for another delivery now. */
  isOutdated: boolean
}

interface Subscription {
  readonly end: () => Promise<void>
  readonly delivery: DeliveryMode
}

/** Waits for something, but not for ever. */
async function withinMs(ms: number, work: Promise<unknown>): Promise<void> {
  let cancel = () => {}
  const late = new Promise<void>((resolve) => (cancel = nodePlatform.after(ms, resolve)))
  await Promise.race([work, late])
  cancel()
}

/** A node that takes what an exported node emits and hands it to a peer that subscribed; it waits where the link has no credit. */
export function egressActor(name: string, channel: OutboundChannel, scope: TraceScope): ActorDefinition {
  return defineActor({
    name,
    description: 'Hands messages to a peer that subscribed to them.',
    inports: { Input: {} },
    run: ({ inputs }) => channel.send(scope.outgoing(inputs.Input)),
  })
}
