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
  #stop: (() => void) | undefined
  #spans: RecordedSpan[] = []
  #notKept = 0
  #cancel: (() => void) | undefined

  constructor(network: DistributedNetwork, post: (message: FromInstance) => void) {
    this.#network = network
    this.#post = post
  }

  /** Follows in this way from now on, or nothing. */
  follow(following: Following | undefined): void {
    this.#stop?.()
    this.#stop = following && this.#network.followMessages({ ...following, record: (span) => this.#add(span) })
  }

  stop(): void {
    this.follow(undefined)
    this.#tell()
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
