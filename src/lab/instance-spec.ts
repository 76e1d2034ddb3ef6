import type { GraphExport, Isolation } from '../shared/index.ts'

/** All that an instance needs to run, as plain data: it crosses to the thread or process the instance runs in. */
export interface InstanceSpec {
  networkId: string
  instanceId: string
  isolation: Isolation
  bindAddress: string
  /** 0: any free port. */
  bindPort: number
  authToken: string | undefined
  acceptTokens: string[]
  maxConnections: number
  heartbeatIntervalMs: number
  allowInsecure: boolean
  /** Ports moved, paths absolute. */
  graph: GraphExport
  /** As the lab names it. */
  graphFile: string
  /** Nodes that peers may see, send to and subscribe to. */
  exports: string[]
  peers: { endpoint: string; token: string | undefined }[]
  /** The environment variables that the graph's nodes name in `env_vars`. */
  env: Record<string, string>
}

/** How commands, logs and windows name an instance. */
export function instanceName(spec: { networkId: string; instanceId: string }): string {
  return `${spec.networkId}/${spec.instanceId}`
}
