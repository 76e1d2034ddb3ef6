import { describeError, isMillraceError, MillraceError, type ErrorCode } from '../shared/index.ts'
import { duplicate, handshakeTimeoutMs, hangUp, overtaken, Redundant } from './acceptor.ts'
import { admitNewcomer } from './admission.ts'
import { formatAddress, isLoopback, type Address } from './address.ts'
import { peerLabel, type PeerIdentity, type PeerName } from './engine.ts'
import { Handover } from './handover.ts'
import type { LinkEnvironment } from './link-environment.ts'
import type { LinkRegistry } from './link-registry.ts'
import type { PeerLink } from './peer-link.ts'
import { BackOff, longestHereMs } from './protocol/back-off.ts'
import type { SessionMemory } from './protocol/handshake-message.ts'
import { DialHandshake, RefusedByPeer, type Agreement } from './protocol/handshake.ts'
import type { Connection, TlsTrust, Transport } from './transport.ts'

const refusedRetryMs = 5000

/** How an address is dialled. */
export interface DialOptions {
  /** What the peer accepts. */
  readonly token?: string
  /** What it will accept next, while tokens are being changed: tried where the first is refused. */
  readonly nextToken?: string
  readonly expectNetworkId?: string
  /** Speaks Reflow's dialect there, without proof and TLS; token and trust are not used. */
  readonly dialect?: 'reflow'
  /** Tries again, for ever; the default. Otherwise whoever waits hears at once that nobody answers. */
  readonly retry?: boolean
  /** Speak TLS, and whom to trust; also on for a `wss://` address. */
  readonly tls?: TlsTrust
}

/** How a dialled address stands. */
export type DialState =
  | { readonly type: 'connecting' }
  | { readonly type: 'waiting'; readonly untilMs: number; readonly reason: string }
  | { readonly type: 'refused'; readonly untilMs: number; readonly code: ErrorCode; readonly reason: string }
  | { readonly type: 'linked'; readonly link: PeerLink }
  | { readonly type: 'stopped' }

interface Waiter {
  readonly up: (peer: PeerName) => void
  readonly refused: (error: MillraceError) => void
}

/** Keeps one address dialled: tries for ever, with growing pauses, and seldom where it was refused. */
export class Dialler {
  readonly address: string
  readonly #target: Address
  #token: string | undefined
  /** The other token, while there are two. */
  #nextToken: string | undefined
  #triedBoth = false
  readonly #expectNetworkId: string | undefined
  readonly #tls: TlsTrust | undefined
  readonly #retries: boolean
  readonly #environment: LinkEnvironment
  readonly #registry: LinkRegistry
  readonly #transport: Transport
  readonly #maxPacketBytes: number
  readonly #backOff: BackOff
  #state: DialState = { type: 'connecting' }
  #link: PeerLink | undefined
  #waiters: Waiter[] = []
  #cancelRetry: (() => void) | undefined
  #abort: AbortController | undefined

  constructor(
    target: Address,
    options: DialOptions,
    parts: { environment: LinkEnvironment; registry: LinkRegistry; transport: Transport; maxPacketBytes: number },
  ) {
    this.address = formatAddress(target)
    this.#target = target
    this.#token = options.token
    this.#nextToken = options.nextToken
    this.#expectNetworkId = options.expectNetworkId
    this.#retries = options.retry ?? true
    this.#tls = options.tls ?? (target.secure ? {} : undefined)
    this.#environment = parts.environment
    this.#registry = parts.registry
    this.#transport = parts.transport
    this.#maxPacketBytes = parts.maxPacketBytes
    const longestMs = isLoopback(target.host) ? longestHereMs : undefined
    this.#backOff = new BackOff(() => this.#environment.platform.random(), longestMs)
  }

  get state(): DialState {
    return this.#state
  }

  /** The link to whoever answered at this address, once somebody has. */
  get link(): PeerLink | undefined {
    return this.#link
  }

  start(): void {
    void this.#attempt()
  }

  /** Dials no more. */
  stop(connection: 'end the connection' | 'keep the connection'): void {
    if (this.#state.type === 'stopped') return
    const link = this.#state.type === 'linked' ? this.#state.link : undefined
    this.#state = { type: 'stopped' }
    this.#cancelRetry?.()
    this.#abort?.abort()
    if (connection === 'end the connection' && link?.live?.facts.direction === 'dialled')
      link.disconnect('no longer dialled')
    this.#refuseWaiters(new MillraceError('LINK_DOWN', `${this.address} is no longer dialled`))
  }

  /** Resolves once it is up; rejects with the code of a refusal. */
  connected(): Promise<PeerName> {
    return new Promise((up, refused) => {
      const { type } = this.#state
      if (this.#state.type === 'linked') up(this.#state.link.name)
      else if (this.#state.type === 'refused') refused(new MillraceError(this.#state.code, this.#state.reason))
      else if (type === 'stopped') refused(new MillraceError('LINK_DOWN', `${this.address} is no longer dialled`))
      else this.#waiters.push({ up, refused })
    })
  }

  /** A connection ended: if it was ours, try again. */
  connectionEnded(link: PeerLink): void {
    if (this.#state.type === 'linked' && this.#state.link === link && !link.live) this.#wait('the connection ended')
  }

  /** Tries at once instead of waiting; a link that is up is cut and goes on over a new connection. */
  retry(): void {
    if (this.#state.type === 'linked') this.#state.link.disconnect('dialled anew')
    if (this.#state.type !== 'waiting' && this.#state.type !== 'refused') return
    this.#cancelRetry?.()
    this.#backOff.reset()
    void this.#attempt()
  }

  /** Takes other tokens for the next connection; the one that is up stays. */
  changeTokens({ token, nextToken }: Pick<DialOptions, 'token' | 'nextToken'>): void {
    this.#token = token
    this.#nextToken = nextToken
    this.#triedBoth = false
    if (this.#state.type === 'refused') this.retry()
  }

  async #attempt(): Promise<void> {
    this.#state = { type: 'connecting' }
    this.#cancelRetry = undefined
    const abort = new AbortController()
    this.#abort = abort
    const cancel = this.#environment.platform.after(handshakeTimeoutMs, () => abort.abort())
    try {
      const options = {
        maxPacketBytes: this.#maxPacketBytes,
        signal: abort.signal,
        ...(this.#tls && { tls: this.#tls }),
      }
      const connection = await this.#transport.dial(this.#target, options)
      cancel()
      if (abort.signal.aborted) connection.terminate()
      else await this.#shakeHands(connection, abort.signal)
    } catch (error) {
      cancel()
      this.#failed(error)
    }
  }

  async #shakeHands(connection: Connection, signal: AbortSignal): Promise<void> {
    let parted = () => {}
    let connectionsBefore = 0
    const meet = (peer: PeerIdentity) => {
      parted = this.#registry.meet(peer)
      connectionsBefore = this.#registry.connectionsOf(peer)
      return this.#meet(peer)
    }
    try {
      const { agreed, handover } = await this.#converse(connection, signal, meet)
      const link = this.#registry.linkTo(agreed.peer)
      const admission = await admitNewcomer(link, this.#environment.identity, {
        epoch: agreed.peer.epoch,
        direction: 'dialled',
      })
      if (this.#state.type === 'stopped' || handover.ended) return connection.terminate()
      if (admission === 'duplicate') throw duplicate(link)
      if (admission === 'redundant') throw new Redundant()
      if (link.connections !== connectionsBefore) throw new Redundant(overtaken)
      this.#establish(connection, handover, agreed, link)
    } catch (error) {
      part(connection, error)
      throw error
    } finally {
      parted()
    }
  }

  /** The acceptor has said who it is. @throws MillraceError, Redundant to give up before anything is proved. */
  #meet(peer: PeerIdentity): SessionMemory | undefined {
    this.#registry.checkForeign(peer, this.address)
    const expected = this.#expectNetworkId
    if (expected !== undefined && expected !== peer.networkId)
      throw new MillraceError(
        'LINK_REFUSED',
        `${this.address} is ${peerLabel(peer)}, and not of network "${expected}": check the address`,
      )
    const link = this.#registry.linkTo(peer)
    this.#link = link
    link.starts.refuseSuperseded(peer.epoch)
    if (link.live && link.starts.epoch === peer.epoch) throw new Redundant()
    return link.memory(peer.epoch, undefined)
  }

  #converse(
    connection: Connection,
    signal: AbortSignal,
    meet: (peer: PeerIdentity) => SessionMemory | undefined,
  ): Promise<{ agreed: Agreement; handover: Handover }> {
    const { identity, randomBytes, platform } = this.#environment
    const parts = { identity, randomBytes, binding: connection.binding, token: this.#token }
    const handshake = new DialHandshake(parts, meet)
    return new Promise((agree, reject) => {
      const fail = (error: unknown) => {
        cancel()
        reject(error)
      }
      const late = new MillraceError('TIMEOUT', `${this.address} did not finish the handshake within 5 s`)
      const cancelTimeout = platform.after(handshakeTimeoutMs, () => fail(late))
      const aborted = () => fail(new MillraceError('PEER_UNREACHABLE', `${this.address} is no longer dialled`))
      signal.addEventListener('abort', aborted, { once: true })
      const cancel = () => {
        cancelTimeout()
        signal.removeEventListener('abort', aborted)
      }
      const handover = new Handover(connection, {
        message: (bytes) => {
          try {
            const step = handshake.receive(bytes)
            if ('send' in step) return connection.send(step.send)
            cancel()
            // At once: what the peer has to send again may come in one piece with its welcome.
            connection.trust()
            handover.hold()
            agree({ agreed: step.agreed, handover })
          } catch (error) {
            handover.hold()
            fail(error)
          }
          return undefined
        },
        drained: () => {},
        closed: () =>
          fail(new MillraceError('PEER_UNREACHABLE', `${this.address} ended the connection during the handshake`)),
      })
      connection.send(handshake.start())
    })
  }

  #establish(connection: Connection, handover: Handover, agreed: Agreement, link: PeerLink): void {
    if (agreed.resumed && link.session?.id !== agreed.sessionId)
      throw new MillraceError('PEER_UNREACHABLE', `${this.address} resumes a session that is over here`)
    const facts = {
      connection,
      direction: 'dialled',
      address: this.address,
      secure: agreed.authenticated && (connection.loopback || connection.encrypted),
      key: agreed.key,
    } as const
    const { sessionId, resumed, memory } = agreed
    this.#linked(link)
    handover.use(link.establish(facts, { epoch: agreed.peer.epoch, sessionId, resumed, memory }).handlers)
  }

  #linked(link: PeerLink): void {
    this.#state = { type: 'linked', link }
    this.#triedBoth = false
    this.#backOff.reset()
    this.#environment.notices.forget(this.#noticeKey('refused'))
    this.#environment.notices.forget(this.#noticeKey('unreachable'))
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter.up(link.name)
  }

  #failed(error: unknown): void {
    if (this.#state.type === 'stopped') return
    const redundant = error instanceof Redundant || (error instanceof RefusedByPeer && error.code === 'REDUNDANT')
    if (redundant) {
      if (this.#link?.live) this.#linked(this.#link)
      else this.#wait('the peer is dialling this instance')
    } else if (error instanceof RefusedByPeer) this.#refused(codeOf(error), error.message, 'peer')
    else if (!isMillraceError(error)) this.#wait(describeError(error))
    else if (error.code === 'PEER_UNREACHABLE' || error.code === 'TIMEOUT') this.#unreachable(error)
    else this.#refused(error.code, error.message, 'us')
  }

  #unreachable(error: MillraceError): void {
    if (!this.#retries) return this.#refuseWaiters(error)
    this.#environment.notices.once(
      this.#noticeKey('unreachable'),
      'info',
      `${error.message}; trying again until it does [${error.code}]`,
    )
    this.#wait(error.message)
  }

  #wait(reason: string): void {
    this.#retryAfter(this.#backOff.next(), (untilMs) => ({ type: 'waiting', untilMs, reason }))
  }

  #refused(code: ErrorCode, detail: string, by: 'us' | 'peer'): void {
    const isToken = code === 'AUTH_FAILED' || code === 'TOKEN_RETIRED'
    if (isToken && this.#nextToken !== undefined && !this.#triedBoth) return this.#tryOtherToken()
    this.#triedBoth = false
    const { platform, notices, emit } = this.#environment
    const who = this.#link ? `${peerLabel(this.#link.name)} at ${this.address}` : this.address
    const reason = by === 'peer' ? `${who} refused the link: ${detail}` : `no link to ${who}: ${detail}`
    notices.once(this.#noticeKey('refused'), 'warn', `${reason}${hint(code, by)} [${code}]`)
    emit({ type: 'linkRefused', peer: this.#link?.name, address: this.address, by, code, reason })
    const delayMs = refusedRetryMs * (1 + platform.random())
    this.#retryAfter(delayMs, (untilMs) => ({ type: 'refused', untilMs, code, reason }))
    this.#refuseWaiters(new MillraceError(code, reason))
  }

  #tryOtherToken(): void {
    this.#triedBoth = true
    const refused = this.#token
    this.#token = this.#nextToken
    this.#nextToken = refused
    void this.#attempt()
  }

  #retryAfter(delayMs: number, state: (untilMs: number) => DialState): void {
    const { platform } = this.#environment
    this.#cancelRetry?.()
    this.#state = state(platform.monotonicMs() + delayMs)
    this.#cancelRetry = platform.after(delayMs, () => void this.#attempt())
  }

  #refuseWaiters(error: MillraceError): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter.refused(error)
  }

  #noticeKey(what: 'refused' | 'unreachable'): string {
    return `${what} ${this.address}`
  }
}

function codeOf(refusal: RefusedByPeer): ErrorCode {
  return refusal.code === 'REDUNDANT' ? 'LINK_REFUSED' : refusal.code
}

function hint(code: ErrorCode, by: 'us' | 'peer'): string {
  return (code === 'AUTH_FAILED' || code === 'TOKEN_RETIRED') && by === 'peer'
    ? '; dial it with the token that is its authToken'
    : ''
}

/** Ends a connection whose handshake failed here, telling the other side why if it does not know. */
function part(connection: Connection, error: unknown): void {
  if (error instanceof Redundant) hangUp(connection, 'REDUNDANT', '')
  else if (isMillraceError(error)) hangUp(connection, error.code, error.message)
  else connection.close(1000, '')
}
