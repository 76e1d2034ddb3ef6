import { parseReference, resolveReference, type Environment } from '../graph/index.ts'
import {
  MillraceError,
  type ConnectionTrial,
  type ExportedNodeEntry,
  type FoundInstanceEntry,
  type LinkDisturbance,
  type PeerEntry,
} from '../shared/index.ts'
import { AddedPeers } from './added-peers.ts'
import { tryConnection } from './connection-trial.ts'
import { tlsTrustOf, type InstanceSpec, type PeerSpec } from './instance-spec.ts'
import { dialKey } from './network-discovery.ts'
import type { ManagedInstance } from './managed-instance.ts'

/** The links of a lab's instances, as doors change them while it is open. */
export class LabLinks {
  readonly #find: (instance: string) => ManagedInstance
  readonly #env: Environment
  readonly #added = new Map<string, AddedPeers>()
  readonly #accepted = new Map<string, string[]>()
  /** What each instance accepted at its last start. */
  readonly #atStart = new Map<string, string[]>()

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

  /** Accepts these tokens from now on, and when the instance is started again. Throws `TOKEN_MISSING`. */
  async changeTokens(instance: string, references: readonly string[]): Promise<{ keys: string[] }> {
    const managed = this.#find(instance)
    const tokens = references.map((reference) => this.#tokenOf(reference))
    const answer = await managed.ask('changeTokens', { tokens })
    this.#accepted.set(instance, tokens)
    return answer
  }

  /** The key ids that an instance accepts now. Throws `INSTANCE_STATE`. */
  async keysOf(instance: string): Promise<string[]> {
    return (await this.#find(instance).ask('changeTokens', { tokens: this.#tokensOf(instance) })).keys
  }

  /** Accepts one token more; answers all key ids. Throws `INSTANCE_STATE`, `TOKEN_MISSING` when it is a reference to nothing. */
  async addToken(instance: string, token: string): Promise<string[]> {
    return (await this.changeTokens(instance, [...this.#tokensOf(instance), this.#tokenOf(token)])).keys
  }

  /** Accepts a token no longer; answers the key ids that are left. Throws `INSTANCE_STATE`, `TOKEN_UNKNOWN`, `TOKEN_MISSING` for the last one. */
  async retireToken(instance: string, key: string): Promise<string[]> {
    const keys = await this.keysOf(instance)
    if (!keys.includes(key))
      throw new MillraceError(
        'TOKEN_UNKNOWN',
        `${instance} accepts no token named "${key}"; it accepts ${keys.join(', ') || 'none'}`,
      )
    const left = this.#tokensOf(instance).filter((_token, index) => keys[index] !== key)
    return (await this.changeTokens(instance, left)).keys
  }

  /** Dials a peer with other tokens from the next connection on. Throws `PEER_UNKNOWN`, `TOKEN_MISSING`. */
  async changePeerTokens(
    instance: string,
    endpoint: string,
    references: { token: string; nextToken?: string | undefined },
  ): Promise<void> {
    const managed = this.#find(instance)
    const token = this.#tokenOf(references.token)
    const nextToken = references.nextToken === undefined ? undefined : this.#tokenOf(references.nextToken)
    const tokens = { token, ...(nextToken !== undefined && { nextToken }) }
    await managed.ask('changePeerTokens', { endpoint, ...tokens })
    this.#peersOf(instance).changeTokens(endpoint, tokens)
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

  /** What an instance runs by: what its file says of links and tokens, with what was changed since. */
  applyTo(instance: string, spec: InstanceSpec): InstanceSpec {
    this.#atStart.set(
      instance,
      spec.authToken === undefined ? spec.acceptTokens : [spec.authToken, ...spec.acceptTokens],
    )
    const [authToken, ...acceptTokens] = this.#accepted.get(instance) ?? []
    return {
      ...spec,
      peers: this.#added.get(instance)?.applyTo(spec.peers) ?? [...spec.peers],
      ...(authToken !== undefined && { authToken, acceptTokens }),
    }
  }

  /** What an instance accepts, each once and in the order of its key ids. */
  #tokensOf(instance: string): string[] {
    return [...new Set(this.#accepted.get(instance) ?? this.#atStart.get(instance))]
  }

  #peersOf(instance: string): AddedPeers {
    const known = this.#added.get(instance)
    if (known) return known
    const peers = new AddedPeers()
    this.#added.set(instance, peers)
    return peers
  }

  #token({ token }: PeerEntry): string | undefined {
    return token === undefined || token === '' ? undefined : this.#tokenOf(token)
  }

  #tokenOf(text: string): string {
    return parseReference(text) ? resolveReference(text, this.#env).value : text
  }
}
