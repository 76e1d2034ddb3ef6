import type { ExportedNode } from './engine.ts'
import { broken } from './protocol/fields.ts'
import type { SequencedFrame } from './protocol/frame.ts'

/** Nodes and ports together that a peer may tell of: what it tells is kept, and a proof of who it is bounds nothing. */
export const mostKnown = 100_000

/** What of a peer's directory is new; ids of nodes. A node that was replaced is among the changed ones. */
export interface DirectoryChange {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
}

/** What a peer exports, as far as it has told, kept up to date by what it tells. */
export class KnownDirectory {
  readonly #nodes = new Map<string, { readonly node: ExportedNode; readonly since: number }>()
  #revision = 0
  /** Pages of a listing whose last has not come. */
  #pages: ExportedNode[] = []
  /** Nodes and ports that are known, and those of the pages. */
  #entries = 0
  #pageEntries = 0

  /** The peer's revision that is known here; 0 before it has told any. */
  get revision(): number {
    return this.#revision
  }

  /** The ids of the first hundred. */
  get names(): string[] {
    return [...this.#nodes.keys()].slice(0, 100)
  }

  get nodes(): readonly ExportedNode[] {
    return Array.from(this.#nodes.values(), ({ node }) => node)
  }

  /** The revision since which a node has had this port; `undefined` where there is no such node or port. */
  since(node: string, side: 'inports' | 'outports', port: string): number | undefined {
    const known = this.#nodes.get(node)
    return known?.node[side].some(({ name }) => name === port) === true ? known.since : undefined
  }

  has(node: string): boolean {
    return this.#nodes.has(node)
  }

  /**
   * Takes what the peer tells; `undefined` while more of it is to come, `missed` when it does not follow what is known.
   *
   * @throws MillraceError `PROTOCOL_ERROR` when it is more than a link takes.
   */
  apply(listing: SequencedFrame & { type: 'listing' }): DirectoryChange | 'missed' | undefined {
    const { from, to, nodes, gone, isLast } = listing
    if (from !== 0 && from !== this.#revision) {
      this.#turnPages()
      return 'missed'
    }
    this.#pageEntries += entriesOf(nodes)
    if (this.#pageEntries + (from === 0 ? 0 : this.#entries) > mostKnown)
      throw broken(`the peer tells of more than ${mostKnown} exported nodes and ports, the most that a link keeps`)
    for (const node of nodes) this.#pages.push(node)
    if (!isLast) return undefined
    const told = this.#turnPages()
    const ids = new Set(told.map(({ id }) => id))
    const removed = from === 0 ? [...this.#nodes.keys()].filter((id) => !ids.has(id)) : gone
    const change = {
      added: told.filter(({ id }) => !this.#nodes.has(id)).map(({ id }) => id),
      changed: told.filter(({ id }) => this.#nodes.has(id)).map(({ id }) => id),
      removed: removed.filter((id) => this.#nodes.delete(id)),
    }
    for (const node of told) this.#nodes.set(node.id, { node, since: to })
    this.#revision = to
    this.#entries = entriesOf(this.nodes)
    return change
  }

  /** Another start of the peer counts anew. */
  forget(): void {
    this.#nodes.clear()
    this.#turnPages()
    this.#entries = 0
    this.#revision = 0
  }

  /** Begins a new listing; answers what came of the one before. */
  #turnPages(): ExportedNode[] {
    const told = this.#pages
    this.#pages = []
    this.#pageEntries = 0
    return told
  }
}

function entriesOf(nodes: readonly ExportedNode[]): number {
  let entries = 0
  for (const { inports, outports } of nodes) entries += 1 + inports.length + outports.length
  return entries
}
