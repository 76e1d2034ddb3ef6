import type { PeerName, TlsIdentity, TlsTrust } from '../peer/index.ts'
import type { LogLevel } from '../shared/index.ts'
import type { DiscoveryEndpoint } from './network-discovery.ts'
import type { ConflictStrategy } from './remote-names.ts'
import type { Spread } from './spread.ts'

/** How an instance is named, reached and trusted. The names are Reflow's `DistributedConfig`; what is left out has its default. */
export interface DistributedConfig {
  networkId: string
  instanceId: string
  /** Default 127.0.0.1. Other addresses need a token, and TLS unless `allowInsecure` waives it. */
  bindAddress?: string
  /** Default 0: any free port. */
  bindPort?: number
  /** What peers have to prove that they know. */
  authToken?: string | undefined
  /** Further tokens that are accepted, for rotation. */
  acceptTokens?: string[]
  maxConnections?: number
  heartbeatIntervalMs?: number
  allowInsecure?: boolean
  /** Certificate and key as PEM: the port speaks TLS only, and peers dial `wss://`. */
  tls?: TlsIdentity
  /** Instances that serve a registry: this one registers itself there and finds others. */
  discoveryEndpoints?: (string | DiscoveryEndpoint)[]
  /** Finds instances in the local network by multicast, and is found. Default false. */
  mdns?: boolean
  /** Speaks `reflow` beside the link protocol, which has no authentication. Default none. */
  dialects?: 'reflow'[]
  /** Serves a registry to others. Default false. */
  registry?: boolean
  /** What others may look for; `actor_messaging` is always among it. */
  capabilities?: string[]
  tags?: string[]
  /** The environment that nodes may read through `env_vars`. Default none. */
  env?: Readonly<Record<string, string | undefined>>
  log?: (line: DistributedLogLine) => void
  /** Makes it an error to change a message after it was sent, at some cost; by default where `NODE_ENV` is `development`. */
  freeze?: boolean | undefined
  /** Where the states of nodes with `persist` are kept; without it such a node is refused. */
  statesFolder?: string | undefined
  /** What `GET /status` tells beside the links. Default the network's snapshot. */
  status?: () => unknown
  /** What `GET /status` tells beyond that. Default nothing. */
  facts?: () => Readonly<Record<string, unknown>>
}

/** How a peer is dialled: the token that it accepts, and over TLS whom to trust (`wss://` alone trusts what this machine does). */
export interface ConnectOptions {
  token?: string | undefined
  /** What the peer will accept next, while tokens are being changed. */
  nextToken?: string
  tls?: TlsTrust
  /** Speaks Reflow's dialect there, which proves nothing; token and TLS are not used. */
  dialect?: 'reflow'
}

/** How a remote node is called here, and how it is shared among several instances of its network. */
export interface RemoteOptions {
  conflict?: ConflictStrategy
  spread?: Spread
}

/** A remote node: its id here, and what it stands for. */
export interface RemoteActor {
  id: string
  actor: string
  networkId: string
  /** Whether a linked instance of the network exports it now; absent where none has told. */
  isThere?: boolean
}

/** What is new about what a peer exports: ids of its nodes. */
export interface ExportsChange {
  peer: PeerName
  added: string[]
  /** Taken away and put back, or with other ports than before. */
  replaced: string[]
  removed: string[]
}

/** A log line of a network or its links; `node` is absent for the links. */
export interface DistributedLogLine {
  level: LogLevel
  node: string | undefined
  text: string
}
