import type { Exports, LinkEvent, PeerIdentity } from './engine.ts'
import type { ValueCodec } from './protocol/value-codec.ts'
import type { Notices } from './notices.ts'
import type { PeerPlatform } from './platform.ts'
import type { Directory } from './protocol/session-directory.ts'

/** What every part of an endpoint shares. */
export interface LinkEnvironment {
  readonly identity: PeerIdentity
  readonly platform: PeerPlatform & Required<Pick<PeerPlatform, 'defer' | 'soon'>>
  readonly randomBytes: (count: number) => Uint8Array
  readonly heartbeatIntervalMs: number
  readonly resumeWindowMs: number
  readonly codec: ValueCodec
  readonly exports: Exports
  /** What is exported now, with its revision. */
  readonly directory: () => Directory
  readonly notices: Notices
  readonly emit: (event: LinkEvent) => void
  /** Whether the endpoint is on its way out: it takes no new channels. */
  readonly stopping: () => boolean
}
