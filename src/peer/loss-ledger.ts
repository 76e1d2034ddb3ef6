import type { DeliveryMode, LinkSnapshot } from '../shared/index.ts'
import type { LinkEvent, PeerName } from './engine.ts'
import type { SessionMemory } from './protocol/handshake-message.ts'
import type { IncomingChannel } from './protocol/incoming-channel.ts'
import type { MessageOwner } from './protocol/resend-ring.ts'
import type { SessionRemains } from './protocol/session-host.ts'

/** The counts of a link. */
export type LinkFigures = Pick<
  LinkSnapshot,
  'sent' | 'received' | 'lost' | 'duplicated' | 'uncertain' | 'sentBytes' | 'receivedBytes' | 'reconnects'
>

const maxRemembered = 4

/** Counts what became of the messages of one peer, over all sessions, and reports what was lost in exact ranges. */
export class LossLedger {
  readonly #peer: PeerName
  readonly #emit: (event: LinkEvent) => void
  readonly counts = { sent: 0, received: 0, lost: 0, duplicated: 0, uncertain: 0 }
  /** Sessions that ended, newest last; the unconfirmed messages of each only until the peer has said what it got. */
  #ended: SessionRemains[] = []

  constructor(peer: PeerName, emit: (event: LinkEvent) => void) {
    this.#peer = peer
    this.#emit = emit
  }

  count(what: 'sent' | 'received' | 'duplicated', messages: number): void {
    // By name: a key that varies costs a look into a table each time.
    if (what === 'sent') this.counts.sent += messages
    else if (what === 'received') this.counts.received += messages
    else this.counts.duplicated += messages
  }

  /** Received here, and never taken by the sink. */
  lostHere(channel: IncomingChannel, range: { from: number; to: number }, reason: string): void {
    this.#lose('in', channel, { ...range, count: range.to - range.from + 1 }, reason)
  }

  /** Accepted here, and never sent. */
  lostThere(channel: MessageOwner, range: { from: number; to: number }, reason: string): void {
    this.#lose('out', channel, { ...range, count: range.to - range.from + 1 }, reason)
  }

  /** `unknown`: the peer may have received more than it could confirm; `settle` corrects the count when it says so. */
  sessionEnded(remains: SessionRemains, reason: string, what: 'known' | 'unknown'): void {
    for (const { channel, ...range } of unconfirmedRanges(remains.unconfirmed))
      this.#lose('out', channel, range, reason)
    this.#ended.push(what === 'known' ? { ...remains, unconfirmed: [] } : remains)
    if (this.#ended.length > maxRemembered) this.#ended.shift()
  }

  /** The peer is another process now: what its last one had received and no actor of it is known to have may be gone. */
  startedAnew(): void {
    for (const [index, ended] of this.#ended.entries()) {
      this.#ended[index] = { ...ended, untaken: [] }
      for (const { channel, from, to } of ended.untaken) {
        const { node, port } = channel
        const count = to - from + 1
        this.counts.uncertain += count
        this.#emit({ type: 'messagesUncertain', peer: this.#peer, node, port, count, from, to })
      }
    }
  }

  /** The peer says how far it got in a session that ended here. */
  settle(memory: SessionMemory | undefined): void {
    const index = this.#ended.findIndex((ended) => ended.id === memory?.id)
    const ended = this.#ended[index]
    if (!ended || !memory) return
    this.#ended[index] = { ...ended, unconfirmed: [] }
    const arrived = ended.unconfirmed.filter(({ sequence }) => sequence <= memory.received)
    for (const { channel, ...range } of unconfirmedRanges(arrived)) {
      const { node, port } = channel
      this.counts.lost -= range.count
      this.#emit({ type: 'messagesFound', peer: this.#peer, node, port, ...range })
    }
  }

  /** What is remembered of an ended session: the one asked for, else the newest. */
  memory(id: string | undefined): SessionMemory | undefined {
    const ended = id === undefined ? this.#ended.at(-1) : this.#ended.find((remains) => remains.id === id)
    return ended && { id: ended.id, received: ended.received, resumable: false }
  }

  #lose(
    direction: 'in' | 'out',
    { node, port, delivery }: { node: string; port: string; delivery: DeliveryMode },
    range: { from: number; to: number; count: number },
    reason: string,
  ): void {
    this.counts.lost += range.count
    this.#emit({ type: 'messagesLost', peer: this.#peer, direction, node, port, ...range, reason, delivery })
  }
}

/** Consecutive messages of one channel. */
export interface MessageRange {
  readonly channel: MessageOwner
  from: number
  to: number
  count: number
}

/** The messages of a session that nobody will confirm any more, as ranges of message numbers; of `latest` none is missed. */
export function unconfirmedRanges(unconfirmed: SessionRemains['unconfirmed']): MessageRange[] {
  const last = new Map<MessageOwner, MessageRange>()
  const ranges: MessageRange[] = []
  for (const { messages } of unconfirmed) {
    const { channel, first, count } = messages
    if (channel.delivery === 'latest') continue
    const range = last.get(channel)
    if (range && range.to + 1 === first) {
      range.to += count
      range.count += count
      continue
    }
    const next = { channel, from: first, to: first + count - 1, count }
    last.set(channel, next)
    ranges.push(next)
  }
  return ranges
}
