import { parseReference, resolveReference, type Environment } from '../graph/index.ts'
import type {
  ConnectionTrial,
  ExportedNodeEntry,
  FoundInstanceEntry,
  LinkDisturbance,
  PeerEntry,
} from '../shared/index.ts'
import { AddedPeers } from './added-peers.ts'
import { tryConnection } from './connection-trial.ts'
import { tlsTrustOf, type PeerSpec } from './instance-spec.ts'
import { dialKey } from './network-discovery.ts'
import type { ManagedInstance } from './managed-instance.ts'

/** The links of a lab's instances, as doors change them while it is open. */
export class LabLinks {
  readonly #find: (instance: string) => ManagedInstance
  readonly #env: Environment
  readonly #added = new Map<string, AddedPeers>()

  /** `find` throws `INSTANCE_UNKNOWN`. */
  constructor(find: (instance: string) => ManagedInstance, env: Environment) {
    this.#find = find
    this.#env = env
  }

  /** Tries a connection as a guest, step by step. Throws `TOKEN_MISSING` when the token is a reference to nothing. */
  async try(entry: PeerEntry): Promise<ConnectionTrial> {
    const token = this.#token(entry)
    return tryConnection({ ...entry, ...(token !== undefined && { token }) })
  }

  /** Dials a peer, now if the instance runs and whenever it is started. Throws `USAGE` when the endpoint is none. */
  async add(instance: string, entry: PeerEntry): Promise<void> {
    const managed = this.#find(instance)
    dialKey(entry.endpoint)
    const tls = tlsTrustOf(entry)
    const peer: PeerSpec = { endpoint: entry.endpoint, token: this.#token(entry), ...(tls && { tls }) }
    this.#peersOf(instance).add(peer)
    if (managed.state === 'running') await managed.ask('dial', peer)
  }

  /** Dials a peer no more. */
  async remove(instance: string, endpoint: string): Promise<void> {
    const managed = this.#find(instance)
    this.#peersOf(instance).remove(endpoint)
    if (managed.state === 'running') await managed.ask('undial', { endpoint })
  }

  /** Dials at once. Throws `INSTANCE_STATE`, or `PEER_UNKNOWN` when the address is not dialled. */
  async reconnect(instance: string, endpoint: string): Promise<void> {
    await this.#find(instance).ask('redial', { endpoint })
  }

  /** Delays or cuts a link on purpose, or ends that. Throws `INSTANCE_STATE`, `PEER_UNKNOWN`. */
  async disturb(instance: string, endpoint: string, disturbance: LinkDisturbance | undefined): Promise<void> {
    await this.#find(instance).ask('disturb', { endpoint, disturbance })
  }

  /** Throws `INSTANCE_STATE`, `PEER_UNKNOWN`, `LINK_DOWN`, `TIMEOUT`. */
  ping(instance: string, networkId: string): Promise<{ rttMs: number }> {
    return this.#find(instance).ask('ping', { networkId })
  }

  /** What registries and the local network know of. Throws `INSTANCE_STATE`, or what the registry answered. */
  discover(
    instance: string,
    filter: { networkId?: string; capability?: string; tag?: string },
  ): Promise<FoundInstanceEntry[]> {
    return this.#find(instance).ask('discover', filter)
  }

  /** What a linked network exports. Throws `INSTANCE_STATE`, `PEER_UNKNOWN`, `LINK_DOWN`, `TIMEOUT`. */
  directory(instance: string, networkId: string): Promise<ExportedNodeEntry[]> {
    return this.#find(instance).ask('directory', { networkId })
  }

  /** The peers that an instance dials: those of its file with what was changed since. */
  peersOf(instance: string, ofFile: readonly PeerSpec[]): PeerSpec[] {
    return this.#added.get(instance)?.applyTo(ofFile) ?? [...ofFile]
  }

  #peersOf(instance: string): AddedPeers {
    const known = this.#added.get(instance)
    if (known) return known
    const peers = new AddedPeers()
    this.#added.set(instance, peers)
    return peers
  }

  #token({ token }: PeerEntry): string | undefined {
    if (token === undefined || token === '') return undefined
    return parseReference(token) ? resolveReference(token, this.#env).value : token
  }
}
