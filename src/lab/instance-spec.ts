import type { TlsIdentity, TlsTrust } from '../peer/index.ts'
import type { DiscoveryEndpoint } from './network-discovery.ts'
import type { GraphExport } from '../shared/index.ts'
import type { BundledActors } from './own-actors/module.ts'

/** A peer that an instance dials, tokens and certificates at hand. */
export interface PeerSpec {
  /** `host:port` or `wss://host:port`. */
  endpoint: string
  token: string | undefined
  nextToken?: string
  /** Speak TLS, and whom to trust. */
  tls?: TlsTrust
  dialect?: 'reflow'
}

/** Whom to trust, if a peer is to be reached over TLS with a pinned certificate or given authorities. */
export function tlsTrustOf({
  fingerprint,
  ca,
}: {
  fingerprint?: string | undefined
  ca?: string | undefined
}): TlsTrust | undefined {
  if (fingerprint === undefined && ca === undefined) return undefined
  return { ...(fingerprint !== undefined && { fingerprint }), ...(ca !== undefined && { ca }) }
}

/** All that an instance needs to run, as plain data: it crosses to the thread or process the instance runs in. */
export interface InstanceSpec {
  networkId: string
  instanceId: string
  bindAddress: string
  /** 0: any free port. */
  bindPort: number
  authToken: string | undefined
  acceptTokens: string[]
  maxConnections: number
  heartbeatIntervalMs: number
  allowInsecure: boolean
  /** With it the peer port speaks TLS only. */
  tls?: TlsIdentity
  discoveryEndpoints: DiscoveryEndpoint[]
  mdns: boolean
  registry: boolean
  dialects: 'reflow'[]
  capabilities: string[]
  tags: string[]
  /** Ports moved, paths absolute. */
  graph: GraphExport
  /** As the lab names it. */
  graphFile: string
  /** Nodes that peers may see, send to and subscribe to. */
  exports: string[]
  peers: PeerSpec[]
  /** The environment variables that the graph's nodes name in `env_vars`. */
  env: Record<string, string>
  /** Whether its nodes may run programs. */
  allowExec: boolean
  /** Where the states of its nodes are kept. */
  statesFolder?: string
  /** The actors that the lab brings along. */
  ownActors: BundledActors | undefined
}

/** How commands, logs and windows name an instance. */
export function instanceName(spec: { networkId: string; instanceId: string }): string {
  return `${spec.networkId}/${spec.instanceId}`
}
