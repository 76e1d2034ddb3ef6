import { MillraceError } from '../shared/index.ts'
import { peerLabel, type ExportedNode, type PeerName } from './engine.ts'
import type { PeerPlatform } from './platform.ts'

const timeoutMs = 5000

interface Pending {
  readonly answered: (nodes: readonly ExportedNode[]) => void
  readonly failed: (error: MillraceError) => void
  readonly cancel: () => void
}

/** Questions asked of a peer that are not answered yet. */
export class PendingRequests {
  readonly #peer: PeerName
  readonly #platform: PeerPlatform
  readonly #pending = new Map<number, Pending>()
  #next = 1
  #asking: Promise<readonly ExportedNode[]> | undefined
  /** What those are given who asked while another question was under way. */
  #following: Promise<readonly ExportedNode[]> | undefined

  constructor(peer: PeerName, platform: PeerPlatform) {
    this.#peer = peer
    this.#platform = platform
  }

  /** One question is under way at a time; who asks meanwhile shares the next. @throws MillraceError `TIMEOUT` after 5 s, `LINK_DOWN`. */
  ask(send: (request: number) => void): Promise<readonly ExportedNode[]> {
    if (!this.#asking) return this.#ask(send)
    const again = () => {
      this.#following = undefined
      return this.#ask(send)
    }
    this.#following ??= this.#asking.then(again, again)
    return this.#following
  }

  #ask(send: (request: number) => void): Promise<readonly ExportedNode[]> {
    const request = this.#next++
    const asking = new Promise<readonly ExportedNode[]>((answered, failed) => {
      send(request)
      const cancel = this.#platform.after(timeoutMs, () => {
        this.#pending.delete(request)
        failed(new MillraceError('TIMEOUT', `${peerLabel(this.#peer)} did not answer within 5 s`))
      })
      this.#pending.set(request, { answered, failed, cancel })
    })
    const over = () => {
      if (this.#asking === asking) this.#asking = undefined
    }
    this.#asking = asking
    asking.then(over, over)
    return asking
  }

  arrived(request: number, nodes: readonly ExportedNode[]): void {
    const pending = this.#pending.get(request)
    if (!pending) return
    this.#pending.delete(request)
    pending.cancel()
    pending.answered(nodes)
  }

  rejectAll(): void {
    for (const { failed, cancel } of this.#pending.values()) {
      cancel()
      failed(this.linkDown())
    }
    this.#pending.clear()
  }

  linkDown(): MillraceError {
    return new MillraceError('LINK_DOWN', `there is no link to ${peerLabel(this.#peer)} now`)
  }
}
