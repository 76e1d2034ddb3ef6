/** Millrace as a library: actors, networks, and networks that are linked to others. */
export { defineActor, Network } from './runtime/index.ts'
export type { ActorDefinition, NodeContext, Port, Ports, RunContext } from './runtime/index.ts'
export { DistributedNetwork, nodePlatform } from './lab/index.ts'
export type { DistributedConfig, DistributedLogLine } from './lab/index.ts'
export * from './actors/index.ts'
export { errorCodes, fromTagged, message, MillraceError, port, toTagged } from './shared/index.ts'
export type { ErrorCode, MessageKind, TaggedMessage, WireEnd } from './shared/index.ts'
