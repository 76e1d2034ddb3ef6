import { isMillraceError, MillraceError } from '../shared/index.ts'
import { AddressLimits } from './address-limits.ts'
import { admitNewcomer, prefers } from './admission.ts'
import { peerLabel } from './engine.ts'
import { Handover } from './handover.ts'
import type { Keys } from './key-ring.ts'
import type { LinkEnvironment } from './link-environment.ts'
import type { LinkRegistry } from './link-registry.ts'
import type { PeerLink } from './peer-link.ts'
import { broken } from './protocol/fields.ts'
import { closeCodeOf, encodeRefusal, type RefusalCode } from './protocol/handshake-message.ts'
import { AcceptHandshake, RefusedByPeer, type ProvenDialler } from './protocol/handshake.ts'
import type { Connection } from './transport.ts'

/** How long a handshake may take. */
export const handshakeTimeoutMs = 5000
const maxStrangers = 16

/** Takes connections: hears who dials, checks the proof, and links or refuses. */
export class Acceptor {
  readonly #environment: LinkEnvironment
  readonly #registry: LinkRegistry
  readonly #keys: Keys
  readonly #maxConnections: number
  /** Connections whose handshake is not done. */
  readonly #strangers = new Set<Connection>()
  readonly #limits: AddressLimits

  constructor(environment: LinkEnvironment, registry: LinkRegistry, limits: { keys: Keys; maxConnections: number }) {
    this.#environment = environment
    this.#registry = registry
    this.#keys = limits.keys
    this.#maxConnections = limits.maxConnections
    this.#limits = new AddressLimits(environment.platform)
  }

  /** Whether another connection may be made. */
  admit(address: string): { admitted: true } | { admitted: false; reason: string } {
    if (this.#environment.stopping()) return { admitted: false, reason: 'the instance is stopping' }
    const refusal = this.#limits.refusal(address)
    if (refusal !== undefined) return { admitted: false, reason: refusal }
    if (this.#strangers.size >= maxStrangers)
      return { admitted: false, reason: 'too many connections have not said yet who they are' }
    if (this.#registry.liveCount + this.#strangers.size >= this.#maxConnections)
      return { admitted: false, reason: `all ${this.#maxConnections} connections are taken` }
    return { admitted: true }
  }

  accept(connection: Connection): void {
    const { identity, randomBytes, platform } = this.#environment
    const handshake = new AcceptHandshake({ identity, randomBytes, binding: connection.binding, keys: this.#keys })
    this.#strangers.add(connection)
    const visited = this.#limits.opened(connection.remoteAddress)
    const over = (outcome: 'proved' | 'failed' | 'gone') => {
      if (!this.#strangers.delete(connection)) return
      visited(outcome)
      cancel()
    }
    const fail = (error: unknown) => {
      over(isBenign(error) ? 'gone' : 'failed')
      this.#refuse(connection, handshake, error)
    }
    let connectionsBefore = 0
    const cancel = platform.after(handshakeTimeoutMs, () => {
      fail(new MillraceError('TIMEOUT', 'the handshake was not done within 5 s'))
    })
    const handover = new Handover(connection, {
      message: (bytes) => {
        try {
          const step = handshake.receive(bytes)
          if ('send' in step) {
            if (handshake.peer) connectionsBefore = this.#registry.connectionsOf(handshake.peer)
            return connection.send(step.send)
          }
          handover.hold()
          const pending = { connection, handover, handshake, over, connectionsBefore }
          void this.#decide(pending, step.proven).catch(fail)
        } catch (error) {
          fail(error)
        }
        return undefined
      },
      drained: () => {},
      closed: () => over('gone'),
    })
  }

  /** Ends every handshake under way. */
  stop(): void {
    for (const connection of this.#strangers) connection.terminate()
    this.#strangers.clear()
  }

  async #decide(pending: PendingAccept, proven: ProvenDialler): Promise<void> {
    const { connection, handover, over } = pending
    const { peer } = proven
    const { identity } = this.#environment
    this.#registry.checkForeign(peer, connection.remoteAddress)
    const link = this.#registry.linkTo(peer)
    link.starts.refuseSuperseded(peer.epoch)
    const admission =
      this.#registry.isMeeting(peer) && prefers(identity, peer, 'dialled')
        ? 'redundant'
        : await admitNewcomer(link, identity, { epoch: peer.epoch, direction: 'accepted' })
    if (handover.ended || this.#environment.stopping()) {
      over('gone')
      connection.terminate()
      return
    }
    if (admission === 'redundant') throw new Redundant('this peer is linked already')
    if (link.connections !== pending.connectionsBefore) throw new Redundant(overtaken)
    if (admission === 'duplicate') throw duplicate(link)
    over('proved')
    this.#welcome(pending, proven, link)
  }

  #welcome({ connection, handover, handshake }: PendingAccept, proven: ProvenDialler, link: PeerLink): void {
    const { peer, memory, authenticated, key } = proven
    const own = link.memory(peer.epoch, memory?.id)
    const resumed = memory !== undefined && memory.resumable && own !== undefined && own.resumable
    const sessionId = resumed ? own.id : Buffer.from(this.#environment.randomBytes(16)).toString('hex')
    connection.send(handshake.welcome({ sessionId, resumed, memory: own }))
    connection.trust()
    this.#environment.notices.forget(refusalKey(connection, peerLabel(peer)))
    const facts = {
      connection,
      direction: 'accepted',
      address: connection.remoteAddress,
      secure: authenticated && (connection.loopback || connection.encrypted),
      key,
    } as const
    handover.use(link.establish(facts, { epoch: peer.epoch, sessionId, resumed, memory }).handlers)
  }

  /** Says no, unless the other side has said so itself. Whoever cannot prove who it is learns no more than that. */
  #refuse(connection: Connection, handshake: AcceptHandshake, error: unknown): void {
    if (error instanceof RefusedByPeer) {
      connection.close(1000, '')
      if (error.code !== 'REDUNDANT') this.#report(connection, handshake, new MillraceError(error.code, error.message))
      return
    }
    if (error instanceof Redundant) return hangUp(connection, 'REDUNDANT', error.message)
    const refusal = isMillraceError(error) ? error : broken(String(error))
    this.#report(connection, handshake, refusal)
    const { code, message } = refusal
    // Whether a key id is known here is nothing for a stranger: it hears the same as for a wrong proof.
    if (code === 'AUTH_FAILED' || code === 'TOKEN_UNKNOWN')
      return hangUp(connection, 'AUTH_FAILED', 'the token was not accepted')
    return hangUp(connection, code, message)
  }

  #report(connection: Connection, handshake: AcceptHandshake, error: MillraceError): void {
    const { notices, emit } = this.#environment
    const { peer } = handshake
    const who = peer ? `${peerLabel(peer)} at ${connection.remoteAddress}` : connection.remoteAddress
    if (!peer || error.code === 'PROTOCOL_ERROR' || error.code === 'TIMEOUT') {
      notices.seldom('noise', 'warn', `a connection from ${who} made no link: ${error.message}`)
      return
    }
    const reason =
      error.code === 'AUTH_FAILED' && this.#keys.accepted.length > 0
        ? 'its token is none of those that this instance accepts'
        : error.message
    notices.once(
      refusalKey(connection, peerLabel(peer)),
      'warn',
      `refused the link of ${who}: ${reason} [${error.code}]`,
    )
    emit({ type: 'linkRefused', peer, address: connection.remoteAddress, by: 'us', code: error.code, reason })
  }
}

interface PendingAccept {
  readonly connection: Connection
  readonly handover: Handover
  readonly handshake: AcceptHandshake
  readonly over: (outcome: 'proved' | 'failed' | 'gone') => void
  /** How many connections the link had had when the dialler was challenged: what it proved to remember is from later. */
  readonly connectionsBefore: number
}

/** The two are linked already, or were while the handshake was under way; nothing is wrong. */
export class Redundant extends Error {}

/** What a side says of the last session is no longer true once another connection has carried it on. */
export const overtaken = 'another connection was made meanwhile'

/** Whether a handshake came to nothing for a reason that says nothing about who dials. */
function isBenign(error: unknown): boolean {
  return error instanceof Redundant || error instanceof RefusedByPeer
}

/** Refuses, and ends the connection. */
export function hangUp(connection: Connection, code: RefusalCode, reason: string): void {
  connection.send(encodeRefusal(code, reason))
  connection.close(closeCodeOf(code), '')
}

/** The error for a second live instance of one name. */
export function duplicate(link: PeerLink): MillraceError {
  const holder = link.live?.facts.address ?? 'another address'
  return new MillraceError(
    'DUPLICATE_ID',
    `${peerLabel(link.name)} is linked already, from ${holder}, and alive: give one of the two another instanceId`,
  )
}

function refusalKey(connection: Connection, label: string): string {
  return `refused ${label} ${connection.remoteAddress.replace(/:\d+$/, '')}`
}
