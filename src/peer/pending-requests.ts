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

  constructor(peer: PeerName, platform: PeerPlatform) {
    this.#peer = peer
    this.#platform = platform
  }

  /** @throws MillraceError `TIMEOUT` after 5 s, `LINK_DOWN`. */
  ask(send: (request: number) => void): Promise<readonly ExportedNode[]> {
    const request = this.#next++
    return new Promise((answered, failed) => {
      const cancel = this.#platform.after(timeoutMs, () => {
        this.#pending.delete(request)
        failed(new MillraceError('TIMEOUT', `${peerLabel(this.#peer)} did not answer within 5 s`))
      })
      this.#pending.set(request, { answered, failed, cancel })
      send(request)
    })
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
