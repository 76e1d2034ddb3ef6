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
  #waiting: { count: number; done: () => void }[] = []

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
        this.#waiting = this.#waiting.filter(({ count, done }) => {
          if (this.taken.length < count) return true
          done()
          return false
        })
        return answer
      },
      closed: (reason: string) => void this.closed.push(reason),
    }
  }

  openOutport(_peer: PeerName, node: string, port: string, channel: OutboundChannel) {
    if (node !== 'worker' || port !== 'Out') throw new MillraceError('NOT_EXPORTED', `"${node}" is not exported`)
    this.subscribers.add(channel)
    return () => void this.subscribers.delete(channel)
  }

  /** Resolves once so many messages have been handed over. */
  received(count: number): Promise<void> {
    if (this.taken.length >= count) return Promise.resolve()
    return new Promise((done) => void this.#waiting.push({ count, done }))
  }
}

/** An endpoint with what a test wants to see of it. */
export interface TestPeer {
  readonly endpoint: Endpoint
  readonly exports: TestExports
  readonly logs: { level: LogLevel; text: string }[]
  readonly events: LinkEvent[]
  /** Resolves with the first event of this type, past or to come, that fits. */
  event<Type extends LinkEvent['type']>(
    type: Type,
    fits?: (event: LinkEvent & { type: Type }) => boolean,
  ): Promise<LinkEvent & { type: Type }>
}

/** Makes an endpoint on a free port of this machine. */
export function makePeer(
  name: string,
  options: Pick<EndpointOptions, 'transport'> & Partial<EndpointOptions>,
): TestPeer {
  const exports = new TestExports()
  const logs: { level: LogLevel; text: string }[] = []
  const events: LinkEvent[] = []
  const waiting = new Set<(event: LinkEvent) => void>()
  const endpoint = createEndpoint({
    identity: { networkId: name, instanceId: `${name}_001`, epoch: randomBytes(8).toString('hex') },
    bindAddress: '127.0.0.1',
    bindPort: 0,
    authToken: `${name}_token`,
    platform: realPlatform(),
    randomBytes: (count) => randomBytes(count),
    log: (line) => void logs.push(line),
    exports,
    status: () => ({ nodes: 1 }),
    ...options,
  })
  endpoint.subscribeEvents((event) => {
    events.push(event)
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
