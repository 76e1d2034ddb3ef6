import type { LogLevel } from '../shared/index.ts'
import type { Engine, Exports, PeerIdentity, PeerName } from './engine.ts'
import type { PeerPlatform } from './platform.ts'
import type { DialOptions } from './dialler.ts'
import type { TlsIdentity, Transport } from './transport.ts'

/** What an endpoint is made of. */
export interface EndpointOptions {
  readonly identity: PeerIdentity
  readonly bindAddress: string
  /** 0 means any free port. */
  readonly bindPort: number
  /** What peers must prove to know. Without it only this machine is listened to, and links are not secure. */
  readonly authToken?: string
  /** Further tokens that are accepted. */
  readonly acceptTokens?: readonly string[]
  /** Listens for TLS only. */
  readonly tls?: TlsIdentity
  /** Default 256. */
  readonly maxConnections?: number
  /** Default 2,000. */
  readonly heartbeatIntervalMs?: number
  /** How long after a cut nothing is given up; default 60,000. */
  readonly resumeWindowMs?: number
  readonly transport: Transport
  readonly platform: PeerPlatform
  /** Cryptographically strong. */
  readonly randomBytes: (count: number) => Uint8Array
  readonly log: (line: { level: LogLevel; text: string }) => void
  readonly exports: Exports
  /** What `GET /status` answers, besides the links. */
  readonly status: () => unknown
  /** What `GET /metrics` answers, as Prometheus text. */
  readonly metrics?: () => Promise<string>
  /** Serves discovery: others register here and find each other. Default off. */
  readonly registry?: boolean
  /** Names besides IP addresses and `localhost` by which this instance is reached. */
  readonly hostNames?: readonly string[]
  /** Dialects that are spoken beside the link protocol, none by default. Reflow's has no authentication. */
  readonly dialects?: readonly 'reflow'[]
  /** Waives encryption for an address that other machines can reach. */
  readonly allowInsecure?: boolean
}

/** An instance's end of its links: listens, dials, and carries messages. */
export interface Endpoint extends Engine {
  /** @throws MillraceError `PORT_IN_USE`, `BIND_REFUSED`. */
  start(): Promise<{ host: string; port: number }>
  /**
   * Links to the peer at `host:port`, again and again until undone. `token` is the one the peer accepts.
   * @throws MillraceError `USAGE` when the address is none.
   */
  dial(address: string, options?: DialOptions): () => void
  /** Dials an address at once that waits for its next try, and anew where the link is up. @throws MillraceError `PEER_UNKNOWN` when it is not dialled. */
  redial(address: string): void
  /**
   * Accepts these tokens from now on, and no others; links that are up stay. Answers their key ids.
   * @throws MillraceError `TOKEN_MISSING` when there were some and would be none.
   */
  changeTokens(tokens: readonly string[]): readonly string[]
  /** Dials an address with other tokens from the next connection on; the one that is up stays. @throws MillraceError `PEER_UNKNOWN` when it is not dialled. */
  changeDialTokens(address: string, tokens: Pick<DialOptions, 'token' | 'nextToken'>): void
  /** Resolves the first time the dialled address is up. Rejects with the code of a refusal, or `LINK_DOWN` when it is no longer dialled. */
  connected(address: string): Promise<PeerName>
}
