import type { MillraceError } from '../shared/index.ts'
import type { IncomingChannel } from './protocol/incoming-channel.ts'
import type { OutgoingChannel } from './protocol/outgoing-channel.ts'

/** What a link tells the one who keeps the channels that were opened here. */
export interface LinkOwner<Link> {
  /** A new session: nothing is open in it yet. */
  sessionStarted(link: Link): void
  /** A session is over for good. */
  sessionEnded(link: Link): void
  outgoingRefused(link: Link, channel: OutgoingChannel, reason: MillraceError): void
  incomingRefused(link: Link, channel: IncomingChannel, reason: MillraceError): void
  /** The peer has told what is new about what it exports. */
  exportsChanged(link: Link): void
  /** The connection is gone, whatever became of the session. */
  connectionEnded(link: Link): void
}
