import type { ExportedNode } from '../engine.ts'
import { encodeMap } from './frame-codec.ts'
import type { SequencedFrame } from './frame.ts'

const maxQuestions = 16
/** A listing longer than this goes in several frames; a control frame takes at most 1 MiB. */
const listingBytes = 256 * 1024

/** What is exported here at one moment. A node that was replaced is another object, however alike the two are. */
export interface Directory {
  /** Counts the changes since the start of this instance; the first directory has revision 1. */
  readonly revision: number
  readonly nodes: readonly ExportedNode[]
}

/** What telling a peer what is exported needs of the session. */
export interface DirectoryHost {
  push(frame: Exclude<SequencedFrame, { type: 'unknown' | 'data' }>): void
  /** Whether the resend ring has room. */
  hasRoom(): boolean
  /** The last place given to a frame, and the last that the peer has acknowledged. */
  lastPlace(): number
  acknowledgedPlace(): number
  directory(): Directory
}

/**
 * Asks the peer of one session to be told what it exports, and tells it what is exported here: answers its questions, and once it has asked to be kept informed, tells it all
 * and then each change. What is told next waits until what was told last has arrived, and changes meanwhile become one: so a peer
 * that is slow, or only asks, cannot fill the ring.
 */
export class SessionDirectory {
  readonly #host: DirectoryHost
  /** Those beyond `maxQuestions` get no answer. */
  readonly #questions: number[] = []
  #lastAnswer = 0
  /** What the peer knows once it has all frames; absent while it has not asked. */
  #told: { revision: number; nodes: Map<string, ExportedNode> } | undefined
  #isDue = false

  constructor(host: DirectoryHost) {
    this.#host = host
  }

  /** Asks the peer to tell all changes of its directory, from this revision on. */
  watch(revision: number): void {
    this.#host.push({ type: 'watch', revision })
  }

  /** The peer wants to know, once. */
  asked(request: number): void {
    if (this.#questions.length >= maxQuestions) return
    this.#questions.push(request)
    this.tell()
  }

  /** The peer wants to know all changes from this revision of ours on; 0 when it knows nothing, or has missed one. */
  watched(revision: number): void {
    const now = this.#host.directory()
    this.#isDue = revision !== now.revision
    this.#told = this.#isDue ? { revision: 0, nodes: new Map() } : { revision, nodes: byId(now.nodes) }
    this.tell()
  }

  /** What is exported here has changed. */
  changed(): void {
    this.#isDue = this.#told !== undefined
    this.tell()
  }

  /** Tells what there is to tell, if what was told before has arrived. */
  tell(): void {
    // Asked after every acknowledgement.
    if (this.#questions.length === 0 && !this.#isDue) return
    while (this.#host.acknowledgedPlace() >= this.#lastAnswer && this.#host.hasRoom()) {
      const request = this.#questions.shift()
      if (request !== undefined) this.#host.push({ type: 'directory', request, nodes: this.#host.directory().nodes })
      else if (this.#isDue) this.#tellChanges()
      else return
      this.#lastAnswer = this.#host.lastPlace()
    }
  }

  #tellChanges(): void {
    const now = this.#host.directory()
    const { revision: from, nodes: told } = this.#told ?? { revision: 0, nodes: new Map<string, ExportedNode>() }
    const nodes = byId(now.nodes)
    const gone = [...told.keys()].filter((id) => !nodes.has(id))
    const changed = now.nodes.filter((node) => told.get(node.id) !== node)
    const pages = paginate(changed)
    for (const [index, page] of pages.entries()) {
      const isLast = index === pages.length - 1
      this.#host.push({ type: 'listing', from, to: now.revision, nodes: page, gone: isLast ? gone : [], isLast })
    }
    this.#told = { revision: now.revision, nodes }
    this.#isDue = false
  }
}

function byId(nodes: readonly ExportedNode[]): Map<string, ExportedNode> {
  return new Map(nodes.map((node) => [node.id, node]))
}

/** At least one page, of nodes that together are not too long for a frame. */
function paginate(nodes: readonly ExportedNode[]): ExportedNode[][] {
  let page: ExportedNode[] = []
  let size = 0
  const pages = [page]
  for (const node of nodes) {
    const bytes = encodeMap({ ...node }).length
    if (page.length > 0 && size + bytes > listingBytes) {
      page = []
      pages.push(page)
      size = 0
    }
    page.push(node)
    size += bytes
  }
  return pages
}
