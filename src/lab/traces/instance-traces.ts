import type { TracePlace } from '../../runtime/index.ts'
import { MillraceError } from '../../shared/index.ts'
import type { DistributedNetwork } from '../distributed-network.ts'
import type { FromInstance } from '../instance-protocol.ts'
import { nodePlatform } from '../node-platform.ts'
import type { Following } from './following.ts'
import type { RecordedSpan } from './span-recorder.ts'

const intervalMs = 100
const maxSpansPerInterval = 1_000

/** What is followed in one running instance: its spans go to the lab ten times a second. */
export class InstanceTraces {
  readonly #network: DistributedNetwork
  readonly #post: (message: FromInstance) => void
  #following: Following | undefined
  #stop: (() => void) | undefined
  #spans: RecordedSpan[] = []
  #notKept = 0
  #cancel: (() => void) | undefined
  readonly #awaited = new Set<(why: MillraceError) => void>()

  constructor(network: DistributedNetwork, post: (message: FromInstance) => void) {
    this.#network = network
    this.#post = post
  }

  /** Follows in this way from now on, or nothing. */
  follow(following: Following | undefined): void {
    // Beginning anew would lose what is followed at the moment.
    if (JSON.stringify(following) === JSON.stringify(this.#following)) return
    this.#giveUp('what is followed was changed')
    this.#stop?.()
    this.#following = following
    this.#stop = following && this.#network.followMessages({ ...following, record: (span) => this.#add(span) })
  }

  /**
   * Follows the next message that comes to a place, and gives its trace. Throws `NODE_UNKNOWN`, `PORT_UNKNOWN`, `WIRE_UNKNOWN`, and `MESSAGE_GONE` when none comes in
   * time.
   */
  followNext(place: TracePlace, withinMs: number): Promise<{ traceId: string }> {
    return new Promise((resolve, reject) => {
      const undo = this.#network.followNext(place, (traceId) => {
        end()
        resolve({ traceId })
      })
      const fail = (why: MillraceError) => {
        end()
        reject(why)
      }
      const where = 'wire' in place ? `went over ${place.wire}` : `came to "${place.node}"`
      const none = `no message ${where} within ${withinMs / 1_000} s, so none is followed`
      const cancel = nodePlatform.after(withinMs, () => fail(new MillraceError('MESSAGE_GONE', none)))
      const end = () => {
        undo()
        cancel()
        this.#awaited.delete(fail)
      }
      this.#awaited.add(fail)
    })
  }

  /** Sends a message from outside and follows it. Throws what the sending does, and `NETWORK_STATE` while nothing is followed. */
  followSent<Sent>({ node, port }: { node: string; port: string }, send: () => Sent): { sent: Sent; traceId?: string } {
    let begun: string | undefined
    const undo = this.#network.followNext({ node, port, isFromOutside: true }, (traceId) => (begun = traceId))
    try {
      const sent = send()
      return { sent, ...(begun !== undefined && { traceId: begun }) }
    } finally {
      undo()
    }
  }

  stop(): void {
    this.follow(undefined)
    this.#tell()
  }

  #giveUp(why: string): void {
    for (const fail of this.#awaited)
      fail(new MillraceError('CANCELLED', `the next message is not awaited any more: ${why}`))
  }

  #add(span: RecordedSpan): void {
    if (this.#spans.length < maxSpansPerInterval) this.#spans.push(span)
    else this.#notKept++
    this.#cancel ??= nodePlatform.after(intervalMs, () => this.#tell())
  }

  #tell(): void {
    this.#cancel?.()
    this.#cancel = undefined
    if (this.#spans.length === 0) return
    this.#post({ type: 'spans', spans: this.#spans, notKept: this.#notKept })
    this.#spans = []
    this.#notKept = 0
  }
}
