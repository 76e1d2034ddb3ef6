import { randomBytes } from 'node:crypto'
import { MillraceError, type LogLevel } from '../../src/shared/index.ts'
import {
  createEndpoint,
  type Endpoint,
  type EndpointOptions,
  type ExportedNode,
  type Exports,
  type LinkEvent,
  type OutboundChannel,
  type PeerName,
  type PeerPlatform,
} from '../../src/peer/index.ts'

/** The real clock and timers. */
export function realPlatform(): PeerPlatform {
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs)
      return () => clearTimeout(timer)
    },
    random: () => Math.random(),
  }
}

/** What one end of a test exports: a sink that keeps everything, and an outport that the test feeds. */
export class TestExports implements Exports {
  readonly taken: unknown[] = []
  readonly closed: string[] = []
  readonly subscribers = new Set<OutboundChannel>()
  readonly opened: { peer: PeerName; node: string; port: string }[] = []
  /** What the sink answers; at once by default. */
  take: (value: unknown) => PromiseLike<void> | undefined = () => undefined
  #waiting: { met: () => boolean; done: () => void }[] = []

  directory(): readonly ExportedNode[] {
    return [
      {
        id: 'worker',
        component: 'Worker',
        inports: [{ name: 'In', kind: 'any' }],
        outports: [{ name: 'Out', kind: 'object' }],
      },
    ]
  }

  openInport(peer: PeerName, node: string, port: string) {
    if (node !== 'worker') throw new MillraceError('NOT_EXPORTED', `"${node}" is not exported`)
    if (port !== 'In') throw new MillraceError('PORT_UNKNOWN', `"${node}" has no inport "${port}"`)
    this.opened.push({ peer, node, port })
    return {
      deliver: (value: unknown) => {
        const answer = this.take(value)
        this.taken.push(value)
        this.#changed()
        return answer
      },
      closed: (reason: string) => {
        this.closed.push(reason)
        this.#changed()
      },
    }
  }

  openOutport(_peer: PeerName, node: string, port: string, channel: OutboundChannel) {
    if (node !== 'worker' || port !== 'Out') throw new MillraceError('NOT_EXPORTED', `"${node}" is not exported`)
    this.subscribers.add(channel)
    this.#changed()
    return () => {
      this.subscribers.delete(channel)
      this.#changed()
    }
  }

  /** Resolves once so many messages have been handed over. */
  received(count: number): Promise<void> {
    return this.#until(() => this.taken.length >= count)
  }

  /** Resolves once there are so many subscribers. */
  subscribed(count: number): Promise<void> {
    return this.#until(() => this.subscribers.size === count)
  }

  /** Resolves once so many sinks have been closed. */
  closedSinks(count: number): Promise<void> {
    return this.#until(() => this.closed.length >= count)
  }

  #until(met: () => boolean): Promise<void> {
    return met() ? Promise.resolve() : new Promise((done) => void this.#waiting.push({ met, done }))
  }

  #changed(): void {
    this.#waiting = this.#waiting.filter(({ met, done }) => {
      if (!met()) return true
      done()
      return false
    })
  }
}

/** An endpoint with what a test wants to see of it. */
export interface TestPeer {
  readonly endpoint: Endpoint
  readonly exports: TestExports
  readonly logs: { level: LogLevel; text: string }[]
  /** Without the news of what peers export. */
  readonly events: LinkEvent[]
  /** Resolves with the first event of this type, past or to come, that fits. */
  event<Type extends LinkEvent['type']>(
    type: Type,
    fits?: (event: LinkEvent & { type: Type }) => boolean,
  ): Promise<LinkEvent & { type: Type }>
}

/** `open`: without a token. */
export type TestPeerOptions = Pick<EndpointOptions, 'transport'> & Partial<EndpointOptions> & { open?: boolean }

/** Makes an endpoint on a free port of this machine. */
export function makePeer(name: string, { open = false, ...options }: TestPeerOptions): TestPeer {
  const exports = new TestExports()
  const logs: { level: LogLevel; text: string }[] = []
  const events: LinkEvent[] = []
  const waiting = new Set<(event: LinkEvent) => void>()
  const endpoint = createEndpoint({
    identity: { networkId: name, instanceId: `${name}_001`, epoch: randomBytes(8).toString('hex') },
    bindAddress: '127.0.0.1',
    bindPort: 0,
    ...(open ? {} : { authToken: `${name}_token` }),
    platform: realPlatform(),
    randomBytes: (count) => randomBytes(count),
    log: (line) => void logs.push(line),
    exports,
    status: () => ({ nodes: 1 }),
    ...options,
  })
  endpoint.subscribeEvents((event) => {
    if (event.type !== 'exportsChanged') events.push(event)
    for (const look of waiting) look(event)
  })
  return {
    endpoint,
    exports,
    logs,
    events,
    event(type, fits = () => true) {
      type Wanted = LinkEvent & { type: typeof type }
      const matches = (event: LinkEvent): event is Wanted => event.type === type && fits(event as Wanted)
      const past = events.find(matches)
      if (past) return Promise.resolve(past)
      return new Promise((found) => {
        const look = (event: LinkEvent) => {
          if (!matches(event)) return
          waiting.delete(look)
          found(event)
        }
        waiting.add(look)
      })
    },
  }
}
