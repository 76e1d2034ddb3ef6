import type { Network, TappedValue } from '../runtime/index.ts'
import type { TappedMessage } from '../shared/index.ts'
import type { FromInstance } from './instance-protocol.ts'
import { nodePlatform } from './node-platform.ts'
import { showMessage } from './show-message.ts'

const intervalMs = 100

interface OpenTap {
  undo: () => void
  items: TappedMessage[]
  notShown: number
  cancel: (() => void) | undefined
}

/** The taps of one running instance: what they show goes to the lab ten times a second. */
export class InstanceTaps {
  readonly #instance: string
  readonly #network: Network
  readonly #post: (message: FromInstance) => void
  readonly #open = new Map<number, OpenTap>()

  constructor(instance: string, network: Network, post: (message: FromInstance) => void) {
    this.#instance = instance
    this.#network = network
    this.#post = post
  }

  /** Throws `WIRE_UNKNOWN`. */
  open(id: number, wire: string, perSecond: number | undefined): void {
    this.close(id)
    const tap: OpenTap = { undo: () => undefined, items: [], notShown: 0, cancel: undefined }
    tap.undo = this.#network.wires.tap(wire, perSecond === undefined ? {} : { perSecond }, (seen) => {
      this.#show(id, tap, wire, seen)
    })
    this.#open.set(id, tap)
  }

  close(id: number): void {
    const tap = this.#open.get(id)
    tap?.undo()
    tap?.cancel?.()
    this.#open.delete(id)
  }

  /** Closes all. */
  stop(): void {
    for (const id of this.#open.keys()) this.close(id)
  }

  #show(id: number, tap: OpenTap, wire: string, { number, notShown, ...seen }: TappedValue): void {
    tap.notShown += notShown
    tap.items.push({ instance: this.#instance, wire, timeMs: nodePlatform.now(), number, ...showMessage(seen) })
    tap.cancel ??= nodePlatform.after(intervalMs, () => {
      const { items } = tap
      this.#post({ type: 'tapped', tap: id, items, notShown: tap.notShown })
      tap.items = []
      tap.notShown = 0
      tap.cancel = undefined
    })
  }
}
