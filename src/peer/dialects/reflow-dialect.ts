import { describeError, isMillraceError, MillraceError, type LinkSnapshot } from '../../shared/index.ts'
import { formatAddress, type Address } from '../address.ts'
import { peerLabel, type ExportedNode, type OutboundChannel, type PeerName } from '../engine.ts'
import type { LinkEnvironment } from '../link-environment.ts'
import { BackOff } from '../protocol/back-off.ts'
import { findWrongName } from '../protocol/handshake-message.ts'
import { snapshotUnmet } from '../snapshot-links.ts'
import type { TextConnection, Transport } from '../transport.ts'
import { ReflowChannel } from './reflow-channel.ts'
import { ReflowLink, type ReflowLinkReports } from './reflow-link.ts'
import { parseHandshake, parseHandshakeAnswer, writeHandshake, writeHandshakeAnswer } from './reflow-message.ts'

const handshakeMs = 5_000
const answerMs = 5_000
const maxEarly = 1_024
/** Reflow's own. */
const beatMs = 30_000

/**
 * Links to instances of Reflow over its own JSON dialect, beside the real ones. It has no authentication, and nothing is confirmed:
 * whoever reaches the port can send to every exported node, and a message is lost with its connection.
 */
export class ReflowDialect {
  readonly #environment: LinkEnvironment
  readonly #transport: Transport
  readonly #maxPacketBytes: number
  readonly #links = new Map<string, ReflowLink>()
  readonly #channels = new Set<ReflowChannel>()
  readonly #diallers = new Map<string, ReflowDialler>()
  readonly #questions = new Map<string, (actors: readonly string[]) => void>()
  readonly #strangers = new Set<TextConnection>()
  #nextQuestion = 1

  constructor(environment: LinkEnvironment, parts: { transport: Transport; maxPacketBytes: number }) {
    this.#environment = environment
    this.#transport = parts.transport
    this.#maxPacketBytes = parts.maxPacketBytes
  }

  get count(): number {
    return this.#links.size + this.#strangers.size
  }

  /** Whether an instance of this network is linked by this dialect. */
  reaches(networkId: string): boolean {
    return this.linkOf(networkId) !== undefined
  }

  linkOf(networkId: string): ReflowLink | undefined {
    for (const link of this.#links.values()) if (link.peer.networkId === networkId) return link
    return undefined
  }

  links(): LinkSnapshot[] {
    const waiting = [...this.#diallers.values()].flatMap((dialler) => dialler.snapshot() ?? [])
    return [...[...this.#links.values()].map((link) => link.snapshot()), ...waiting]
  }

  /** Takes a connection that speaks text: hears who dials. */
  accept(connection: TextConnection): void {
    this.#strangers.add(connection)
    const { identity } = this.#environment
    void this.#firstWord(connection)
      .then(({ text, rest }) => {
        const { network_id: networkId, instance_id: instanceId } = parseHandshake(text)
        const peer = { networkId, instanceId }
        const problem = this.#refusal(peer)
        if (problem) throw problem
        connection.send(writeHandshakeAnswer(identity, null))
        return this.#establish(peer, connection, { direction: 'accepted', rest })
      })
      .catch((error: unknown) => {
        const reason = describeError(error)
        this.#environment.notices.seldom(
          'reflow refused',
          'warn',
          `${connection.remoteAddress} (Reflow dialect) made no link: ${reason}`,
        )
        connection.send(writeHandshakeAnswer(identity, reason))
        connection.close(1008, '')
      })
      .finally(() => this.#strangers.delete(connection))
  }

  /** Keeps an address dialled; returns its undo. */
  dial(target: Address): () => void {
    const key = formatAddress(target)
    this.#diallers.get(key)?.stop()
    const dialler = new ReflowDialler(key, this.#environment, () => this.#connect(target))
    this.#diallers.set(key, dialler)
    dialler.start()
    return () => {
      if (this.#diallers.get(key) === dialler) this.#diallers.delete(key)
      dialler.stop()
    }
  }

  openChannel(networkId: string, node: string, port: string): OutboundChannel {
    const channel = new ReflowChannel({ networkId, node, port }, this, () => this.#channels.delete(channel))
    this.#channels.add(channel)
    return channel
  }

  /** What a peer says that it has; Reflow tells no ports. @throws MillraceError `PEER_UNKNOWN`, `TIMEOUT`. */
  directory(networkId: string): Promise<readonly ExportedNode[]> {
    const link = this.linkOf(networkId)
    if (!link) return Promise.reject(new MillraceError('PEER_UNKNOWN', `no peer of network "${networkId}" is linked`))
    const request = `${this.#environment.identity.epoch}-${this.#nextQuestion++}`
    return new Promise((answered, failed) => {
      const cancel = this.#environment.platform.after(answerMs, () => {
        this.#questions.delete(request)
        failed(new MillraceError('TIMEOUT', `${networkId} did not say within 5 s which actors it has`))
      })
      this.#questions.set(request, (actors) => {
        cancel()
        this.#questions.delete(request)
        answered(actors.map((id) => ({ id, component: '', inports: [], outports: [] })))
      })
      link.discover(request)
    })
  }

  stop(): void {
    for (const dialler of this.#diallers.values()) dialler.stop()
    for (const link of this.#links.values()) link.end('the instance stops')
    for (const channel of this.#channels) channel.close()
    for (const connection of this.#strangers) connection.terminate()
  }

  async #connect(target: Address): Promise<ReflowLink> {
    const { dialText } = this.#transport
    if (!dialText) throw new MillraceError('PEER_UNREACHABLE', 'this carrier knows no Reflow dialect')
    const connection = await dialText(target, { maxPacketBytes: this.#maxPacketBytes })
    try {
      const answer = this.#firstWord(connection)
      connection.send(writeHandshake(this.#environment.identity))
      const { text, rest } = await answer
      const peer = parseHandshakeAnswer(text)
      const problem = this.#refusal(peer)
      if (problem) throw problem
      return this.#establish(peer, connection, { direction: 'dialled', rest })
    } catch (error) {
      connection.close(1000, '')
      throw error
    }
  }

  /** The first frame, and those that came with it. */
  #firstWord(connection: TextConnection): Promise<{ text: string; rest: string[] }> {
    return new Promise((heard, failed) => {
      const rest: string[] = []
      let first: string | undefined
      const cancel = this.#environment.platform.after(handshakeMs, () =>
        failed(new MillraceError('TIMEOUT', 'the handshake was not done within 5 s')),
      )
      connection.start({
        message: (text) => {
          if (first !== undefined) return void (rest.length < maxEarly ? rest.push(text) : connection.terminate())
          cancel()
          first = text
          return heard({ text, rest })
        },
        drained: () => undefined,
        closed: () => {
          cancel()
          failed(
            new MillraceError(
              'PEER_UNREACHABLE',
              `${connection.remoteAddress} ended the connection during the handshake`,
            ),
          )
        },
      })
    })
  }

  #refusal(peer: PeerName): MillraceError | undefined {
    const { identity, stopping } = this.#environment
    const wrongName = findWrongName({ ...peer, epoch: 'none' })
    if (wrongName !== undefined) return new MillraceError('PROTOCOL_ERROR', wrongName)
    if (stopping()) return new MillraceError('LINK_REFUSED', 'the instance is stopping')
    const label = peerLabel(peer)
    if (label === peerLabel(identity) || this.#links.has(label))
      return new MillraceError('DUPLICATE_ID', `${label} is linked already: give one of the two another instance_id`)
    return undefined
  }

  #establish(
    peer: PeerName,
    connection: TextConnection,
    { direction, rest }: { direction: 'dialled' | 'accepted'; rest: readonly string[] },
  ): ReflowLink {
    const label = peerLabel(peer)
    const { emit } = this.#environment
    const reports: ReflowLinkReports = {
      ended: (ended, reason) => {
        if (this.#links.get(label) === ended) this.#links.delete(label)
        emit({ type: 'linkDown', peer, address: ended.address, reason, resumable: false })
        for (const dialler of this.#diallers.values()) dialler.ended(ended)
      },
      drained: () => this.#pump(),
      actors: (_link, request, actors) => this.#questions.get(request)?.(actors),
    }
    const environment = this.#environment
    const link = new ReflowLink(peer, { connection, direction, environment, beatMs }, reports)
    this.#links.set(label, link)
    connection.start({
      message: (text) => link.receive(text),
      drained: () => link.drained(),
      closed: () => link.end('the connection ended'),
    })
    for (const text of rest) link.receive(text)
    emit({ type: 'linkUp', peer, address: link.address, direction, resumed: false, secure: false })
    this.#pump()
    return link
  }

  #pump(): void {
    for (const channel of this.#channels) channel.pump()
  }
}

/** Keeps one address dialled, with growing pauses. */
class ReflowDialler {
  readonly #address: string
  readonly #environment: LinkEnvironment
  readonly #connect: () => Promise<ReflowLink>
  readonly #backOff: BackOff
  #link: ReflowLink | undefined
  #wait: { untilMs: number; reason: string } | undefined
  #cancel: () => void = () => undefined
  #stopped = false

  constructor(address: string, environment: LinkEnvironment, connect: () => Promise<ReflowLink>) {
    this.#address = address
    this.#environment = environment
    this.#connect = connect
    this.#backOff = new BackOff(() => environment.platform.random())
  }

  start(): void {
    void this.#attempt()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
    this.#link?.end('no longer dialled')
  }

  ended(link: ReflowLink): void {
    if (link !== this.#link) return
    this.#link = undefined
    this.#retry('the connection ended')
  }

  /** What is known of an address that is not linked now. */
  snapshot(): LinkSnapshot | undefined {
    if (this.#link) return undefined
    const unmet = snapshotUnmet(this.#address)
    if (!this.#wait) return unmet
    const { reason, untilMs } = this.#wait
    const retryInMs = Math.max(0, Math.round(untilMs - this.#environment.platform.monotonicMs()))
    return { ...unmet, state: 'down', reason, retryInMs }
  }

  async #attempt(): Promise<void> {
    this.#wait = undefined
    try {
      const link = await this.#connect()
      if (this.#stopped) return link.end('no longer dialled')
      this.#link = link
      this.#backOff.reset()
    } catch (error) {
      if (this.#stopped) return
      const level = isMillraceError(error) && error.code === 'PEER_UNREACHABLE' ? 'info' : 'warn'
      this.#environment.notices.seldom(`reflow dial ${this.#address}`, level, `${describeError(error)}; trying again`)
      this.#retry(describeError(error))
    }
  }

  #retry(reason: string): void {
    if (this.#stopped) return
    const delayMs = this.#backOff.next()
    this.#wait = { untilMs: this.#environment.platform.monotonicMs() + delayMs, reason }
    this.#cancel = this.#environment.platform.after(delayMs, () => void this.#attempt())
  }
}
