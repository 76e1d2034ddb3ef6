import type { ExportedNode, PeerName } from './engine.ts'
import { KnownDirectory, type DirectoryChange } from './known-directory.ts'
import type { LinkEnvironment } from './link-environment.ts'
import { PendingRequests } from './pending-requests.ts'
import type { SequencedFrame } from './protocol/frame.ts'
import type { Session } from './protocol/session.ts'

/** What a peer exports: as it was told, and kept up to date by it; and questions to it. A peer of an older version only answers. */
export class PeerDirectory {
  readonly known = new KnownDirectory()
  readonly #peer: PeerName
  readonly #environment: LinkEnvironment
  readonly #requests: PendingRequests
  #epoch: string | undefined

  constructor(peer: PeerName, environment: LinkEnvironment) {
    this.#peer = peer
    this.#environment = environment
    this.#requests = new PendingRequests(peer, environment.platform)
  }

  /** A session with this start of the peer begins: asks to be kept informed. */
  sessionStarted(session: Session, epoch: string): void {
    if (this.#epoch !== epoch) this.known.forget()
    this.#epoch = epoch
    session.directory.watch(this.known.revision)
  }

  /** Asks now; `session` is absent while there is no connection. @throws MillraceError `TIMEOUT` after 5 s, `LINK_DOWN`. */
  ask(session: Session | undefined): Promise<readonly ExportedNode[]> {
    return this.#requests.ask((request) => {
      if (!session) throw this.#requests.linkDown()
      session.askDirectory(request)
    })
  }

  answered(request: number, nodes: readonly ExportedNode[]): void {
    this.#requests.arrived(request, nodes)
  }

  /** The peer tells what is new; asks for all of it where something was missed. Answers what has changed. */
  told(listing: SequencedFrame & { type: 'listing' }, session: Session | undefined): DirectoryChange | undefined {
    const change = this.known.apply(listing)
    if (change === 'missed') {
      session?.directory.watch(0)
      return undefined
    }
    if (!change) return undefined
    const { revision } = this.known
    this.#environment.emit({ type: 'exportsChanged', peer: this.#peer, revision, ...change })
    return change
  }

  /** Nobody answers now. */
  connectionEnded(): void {
    this.#requests.rejectAll()
  }
}
