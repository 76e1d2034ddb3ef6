import type { Exports, LinkEvent, PeerIdentity } from './engine.ts'
import type { IncomingChannel } from './protocol/incoming-channel.ts'
import type { OutgoingChannel } from './protocol/outgoing-channel.ts'
import type { ValueCodec } from './protocol/value-codec.ts'
import type { MillraceError } from '../shared/index.ts'
import type { Notices } from './notices.ts'
import type { PeerLink } from './peer-link.ts'
import type { PeerPlatform } from './platform.ts'

/** What every part of an endpoint shares. */
export interface LinkEnvironment {
  readonly identity: PeerIdentity
  readonly platform: PeerPlatform & Required<Pick<PeerPlatform, 'defer'>>
  readonly randomBytes: (count: number) => Uint8Array
  readonly heartbeatIntervalMs: number
  readonly resumeWindowMs: number
  readonly codec: ValueCodec
  readonly exports: Exports
  readonly notices: Notices
  readonly emit: (event: LinkEvent) => void
  /** Whether the endpoint is on its way out: it takes no new channels. */
  readonly stopping: () => boolean
}

/** What a link tells the one who keeps the channels that were opened here. */
export interface LinkOwner {
  /** A new session: nothing is open in it yet. */
  sessionStarted(link: PeerLink): void
  /** A session is over for good. */
  sessionEnded(link: PeerLink): void
  outgoingRefused(link: PeerLink, channel: OutgoingChannel, reason: MillraceError): void
  incomingRefused(link: PeerLink, channel: IncomingChannel, reason: MillraceError): void
  /** The connection is gone, whatever became of the session. */
  connectionEnded(link: PeerLink): void
}
