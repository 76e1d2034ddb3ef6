import type { DeliveryMode } from '../../../src/shared/index.ts'
import type { SequencedFrame } from '../../../src/peer/protocol/frame.ts'
import { IncomingChannel } from '../../../src/peer/protocol/incoming-channel.ts'
import { OutgoingChannel } from '../../../src/peer/protocol/outgoing-channel.ts'
import { Session } from '../../../src/peer/protocol/session.ts'
import type { Directory } from '../../../src/peer/protocol/session-directory.ts'
import type { SessionHost } from '../../../src/peer/protocol/session-host.ts'
import { createValueCodec } from '../../../src/peer/protocol/value-codec.ts'

const codec = createValueCodec()

/** One of two sessions that are joined by two queues of packets, moved by hand. */
export class Side implements SessionHost {
  readonly session: Session
  /** Packets on their way to the other side. */
  underway: Buffer[] = []
  blocked = false
  onWrite: () => void = () => undefined
  attached = false
  lost = 0
  /** Accepted and given up on this side. */
  unsent = 0
  readonly counts = { sent: 0, received: 0, duplicated: 0 }
  readonly sinks = new Map<string, SlowSink>()
  readonly outports = new Map<string, OutgoingChannel>()
  flushAsked = false
  acknowledgeAsked = false
  tellingAsked = false
  readonly #whenLost = new Map<string, (range: { from: number; to: number }) => void>()

  constructor(id: string, numbering: 'odd' | 'even') {
    this.session = new Session(id, numbering, this)
  }

  write(packet: Buffer, body: Uint8Array = new Uint8Array(0)): void {
    if (!this.attached) throw new Error('written without a connection')
    // A copy, as a socket makes one: the frame's own bytes get a new header when they are sent again.
    this.underway.push(Buffer.concat([packet, body]))
    this.onWrite()
  }

  writable(): boolean {
    return !this.blocked
  }

  requestFlush(): void {
    this.flushAsked = true
  }

  requestAcknowledge(): void {
    this.acknowledgeAsked = true
  }

  requestTelling(): void {
    this.tellingAsked = true
  }

  openInport(node: string, port: string, delivery: DeliveryMode): IncomingChannel {
    return this.incoming(node, port, delivery)
  }

  openOutport(node: string, port: string, delivery: DeliveryMode): { channel: OutgoingChannel; connect: () => void } {
    const channel = this.outgoing(node, port, delivery)
    return { channel, connect: () => void this.outports.set(`${node}.${port}`, channel) }
  }

  incoming(node: string, port: string, delivery: DeliveryMode = 'reliable'): IncomingChannel {
    const sink = new SlowSink()
    this.sinks.set(`${node}.${port}`, sink)
    const reports = {
      lost: (_channel: IncomingChannel, { from, to }: { from: number; to: number }) =>
        void (this.lost += to - from + 1),
      sinkFailed: () => {},
    }
    return new IncomingChannel({ node, port, sink, delivery }, { codec, reports })
  }

  outgoing(node: string, port: string, delivery: DeliveryMode = 'reliable'): OutgoingChannel {
    const reports = {
      lost: (_channel: OutgoingChannel, range: { from: number; to: number }) => {
        this.unsent += range.to - range.from + 1
        this.#whenLost.get(port)?.(range)
      },
    }
    return new OutgoingChannel({ node, port, delivery }, { codec, reports })
  }

  directory(): Directory {
    return { revision: 1, nodes: [] }
  }

  listingArrived(_listing: SequencedFrame & { type: 'listing' }): void {}

  directoryArrived(_request: number): void {}
  pongArrived(): void {}
  drainAsked(): void {}
  drained(): void {}
  goodbye(): void {}
  outgoingRefused(): void {}
  incomingRefused(): void {}
  outgoingShut(): void {}

  counted(count: 'sent' | 'received' | 'duplicated', messages: number): void {
    this.counts[count] += messages
  }

  /** Calls back when messages that were accepted for this port are given up. */
  onLost(port: string, run: (range: { from: number; to: number }) => void): void {
    this.#whenLost.set(port, run)
  }

  /** The connection has drained. */
  unblock(): void {
    this.blocked = false
    this.session.flush()
  }

  settle(): void {
    if (this.tellingAsked) {
      this.tellingAsked = false
      this.session.tellTaken()
    }
    if (this.flushAsked) {
      this.flushAsked = false
      this.session.flush()
    }
    if (this.acknowledgeAsked) {
      this.acknowledgeAsked = false
      this.session.acknowledge()
    }
  }
}

/** Takes some messages at once and others only when told, without a promise: so a schedule is the same every time. */
export class SlowSink {
  readonly taken: unknown[] = []
  slow = false
  /** Of those it took, how many lie in a queue behind it. */
  waiting = 0
  #pending: (() => void) | undefined

  deliver(value: unknown): PromiseLike<void> | undefined {
    this.taken.push(value)
    if (!this.slow) return undefined
    return {
      // oxlint-disable-next-line unicorn/no-thenable -- a promise would make the schedule depend on microtasks
      then: (fulfilled) => {
        this.#pending = () => void fulfilled?.()
        return undefined as never
      },
    }
  }

  untaken(): number {
    return this.waiting
  }

  release(): void {
    const pending = this.#pending
    this.#pending = undefined
    pending?.()
  }
}

/** Two sessions that believe in one another. */
export class SessionPair {
  readonly left = new Side('s', 'odd')
  readonly right = new Side('s', 'even')

  constructor() {
    this.attach()
  }

  /** `said`: how far each side said that it had come, if that was earlier. */
  attach(said?: { left: number; right: number }): void {
    const { left, right } = this
    left.attached = true
    right.attached = true
    left.session.attach(said?.right ?? right.session.received)
    right.session.attach(said?.left ?? left.session.received)
  }

  /** Everything under way is gone, except what still arrived before the cut was noticed. */
  cut(): void {
    for (const side of [this.left, this.right]) {
      side.underway = []
      side.session.detach()
      side.attached = false
    }
  }

  deliver(from: Side, count: number): void {
    const to = from === this.left ? this.right : this.left
    for (const packet of from.underway.splice(0, count)) to.session.receive(packet)
  }

  /** Moves everything until nothing moves any more. */
  finish(): void {
    const sides = [this.left, this.right]
    for (const side of sides) side.unblock()
    for (let round = 0; round < 10_000; round++) {
      for (const side of sides) {
        side.settle()
        this.deliver(side, Infinity)
        for (const sink of side.sinks.values()) {
          sink.slow = false
          sink.release()
        }
      }
      if (
        sides.every(
          (side) => side.underway.length === 0 && !side.flushAsked && !side.acknowledgeAsked && !side.tellingAsked,
        )
      )
        return
    }
    throw new Error('the two never come to rest')
  }
}
