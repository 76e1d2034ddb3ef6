import type { PeerSpec } from './instance-spec.ts'

/** What was changed about the peers of an instance while the lab is open: it holds for its next start, too. */
export class AddedPeers {
  readonly #added = new Map<string, PeerSpec>()
  readonly #removed = new Set<string>()
  readonly #tokens = new Map<string, PeerTokens>()

  add(peer: PeerSpec): void {
    const key = keyOf(peer.endpoint)
    this.#added.set(key, peer)
    this.#removed.delete(key)
    this.#tokens.delete(key)
  }

  remove(endpoint: string): void {
    const key = keyOf(endpoint)
    this.#added.delete(key)
    this.#removed.add(key)
  }

  changeTokens(endpoint: string, tokens: PeerTokens): void {
    this.#tokens.set(keyOf(endpoint), tokens)
  }

  /** The peers of the file, with what was changed. */
  applyTo(peers: readonly PeerSpec[]): PeerSpec[] {
    const kept = peers.filter(
      ({ endpoint }) => !this.#removed.has(keyOf(endpoint)) && !this.#added.has(keyOf(endpoint)),
    )
    return [...kept, ...this.#added.values()].map((peer) => {
      const tokens = this.#tokens.get(keyOf(peer.endpoint))
      return tokens ? { ...withoutNext(peer), ...tokens } : peer
    })
  }
}

type PeerTokens = Pick<PeerSpec, 'nextToken'> & { token: string }

function withoutNext({ nextToken: _nextToken, ...peer }: PeerSpec): PeerSpec {
  return peer
}

/** An address is one peer, with TLS or without. */
function keyOf(endpoint: string): string {
  return endpoint.replace(/^wss?:\/\//, '').replace(/\/$/, '')
}
