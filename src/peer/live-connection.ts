import { MillraceError } from '../shared/index.ts'
import type { PeerPlatform } from './platform.ts'
import { Liveness } from './protocol/liveness.ts'
import type { Connection, ConnectionHandlers } from './transport.ts'

const pingTimeoutMs = 5000
const probeTimeoutMs = 1000
/** Above this nothing more is written until the connection has drained. */
const highWaterBytes = 1024 * 1024

/** From here on a packet is no lone message. */
const fullBytes = 4096

/** What a live connection reports; nothing after `ended`. */
export interface LiveConnectionReports {
  received(bytes: Uint8Array): void
  /** What those bytes brought has been worked on, as far as that is done at once. */
  settled(): void
  drained(): void
  suspected(silentMs: number): void
  trusted(): void
  /** Wants a ping sent. */
  beat(id: number): void
  ended(reason: string): void
}

/** What is known of a connection whose handshake is done. */
export interface ConnectionFacts {
  readonly connection: Connection
  readonly direction: 'dialled' | 'accepted'
  readonly address: string
  readonly secure: boolean
  /** The id of the key that proved it. */
  readonly key: string | undefined
}

/** A connection after its handshake: watches whether the peer lives, beats when idle, and measures the round trip. */
export class LiveConnection {
  readonly facts: ConnectionFacts
  readonly #platform: PeerPlatform & Required<Pick<PeerPlatform, 'defer' | 'soon'>>
  readonly #reports: LiveConnectionReports
  readonly #liveness: Liveness
  readonly #rttEveryMs: number
  readonly #pings = new Map<number, { sentMs: number; answered: (rttMs: number) => void }>()
  /** What must be told when this ends. */
  readonly #unsettled = new Set<() => void>()
  #nextPing = 1
  #lastPingMs: number
  #rttMs: number | undefined
  #suspect = false
  /** When what is worked on now came in. */
  #turnMs: number | undefined
  #ended = false
  #cancelCheck: () => void

  readonly #settle = () => {
    this.#platform.handedOver?.()
    this.#reports.settled()
    this.#turnMs = undefined
  }

  constructor(
    facts: ConnectionFacts,
    parts: {
      platform: PeerPlatform & Required<Pick<PeerPlatform, 'defer' | 'soon'>>
      heartbeatIntervalMs: number
      reports: LiveConnectionReports
    },
  ) {
    this.facts = facts
    this.#platform = parts.platform
    this.#reports = parts.reports
    const nowMs = this.#platform.monotonicMs()
    this.#liveness = new Liveness(parts.heartbeatIntervalMs, nowMs)
    this.#rttEveryMs = parts.heartbeatIntervalMs * 5
    this.#lastPingMs = -this.#rttEveryMs
    this.#cancelCheck = this.#platform.after(parts.heartbeatIntervalMs, () => this.#check('first'))
  }

  get suspect(): boolean {
    return this.#suspect
  }

  /** Smoothed. */
  get rttMs(): number | undefined {
    return this.#rttMs
  }

  get writable(): boolean {
    return this.facts.connection.bufferedBytes < highWaterBytes
  }

  /** What the connection is to report to. */
  get handlers(): ConnectionHandlers {
    return {
      message: (bytes) => this.#receive(bytes),
      drained: () => !this.#ended && this.#reports.drained(),
      closed: (_code, reason) => this.#end(reason || 'the connection ended'),
    }
  }

  write(packet: Uint8Array, body: Uint8Array | undefined): void {
    this.#liveness.sent(this.#turnMs ?? this.#platform.monotonicMs())
    this.facts.connection.send(packet, body)
  }

  /** Asks for an answer; the round trip in milliseconds. @throws MillraceError `TIMEOUT` after 5 s, `LINK_DOWN`. */
  ping(): Promise<number> {
    const { address } = this.facts
    return new Promise((answered, failed) => {
      const settle = this.#within(
        pingTimeoutMs,
        () => failed(new MillraceError('TIMEOUT', `${address} did not answer a ping within 5 s`)),
        () => failed(new MillraceError('LINK_DOWN', `the link to ${address} went down`)),
      )
      this.#sendPing((rttMs) => {
        settle()
        answered(rttMs)
      })
    })
  }

  /** Whether the peer gives any sign of life within a second. */
  probe(): Promise<boolean> {
    return new Promise((found) => {
      if (this.#ended) return found(false)
      const { signs } = this.#liveness
      const judge = () => found(this.#liveness.signs > signs)
      const settle = this.#within(probeTimeoutMs, judge, () => found(false))
      return this.#sendPing(() => {
        settle()
        found(true)
      })
    })
  }

  pongArrived(id: number): void {
    const ping = this.#pings.get(id)
    if (!ping) return
    this.#pings.delete(id)
    const rttMs = Math.max(0, this.#platform.monotonicMs() - ping.sentMs)
    this.#rttMs = this.#rttMs === undefined ? rttMs : this.#rttMs * 0.75 + rttMs * 0.25
    ping.answered(rttMs)
  }

  /** Ends it from this side; nothing is reported any more. */
  close(code: number, reason: string): void {
    this.#stop()
    this.facts.connection.close(code, reason)
  }

  /** Returns what settles it before its time. */
  #within(delayMs: number, late: () => void, ended: () => void): () => void {
    const settle = () => {
      cancel()
      this.#unsettled.delete(end)
    }
    const end = () => {
      settle()
      ended()
    }
    const cancel = this.#platform.after(delayMs, () => {
      settle()
      late()
    })
    this.#unsettled.add(end)
    return settle
  }

  #receive(bytes: Uint8Array): void {
    if (this.#ended) return
    // One look at the clock does for the answer too.
    this.#turnMs = this.#platform.monotonicMs()
    this.#liveness.heard(this.#turnMs)
    if (this.#suspect) {
      this.#suspect = false
      this.#reports.trusted()
    }
    this.#platform.arrived?.()
    this.#reports.received(bytes)
    // Of full packets one read brings several, and what they bring is worked on together.
    if (bytes.length < fullBytes) this.#settle()
    else this.#platform.soon(this.#settle)
  }

  #sendPing(answered: (rttMs: number) => void): void {
    const id = this.#nextPing++
    this.#lastPingMs = this.#platform.monotonicMs()
    this.#pings.set(id, { sentMs: this.#lastPingMs, answered })
    // Answers that never came are not waited for for ever.
    const [oldest] = this.#pings.keys()
    if (this.#pings.size > 64 && oldest !== undefined) this.#pings.delete(oldest)
    this.#reports.beat(id)
  }

  #check(look: 'first' | 'second'): void {
    if (this.#ended) return
    const nowMs = this.#platform.monotonicMs()
    const verdict = this.#liveness.check(nowMs)
    if (verdict.state !== 'alive' && look === 'first') {
      // After a stall timers run before sockets are read: look at what has arrived before judging.
      this.#platform.defer(() => this.#platform.defer(() => this.#check('second')))
      return
    }
    if (verdict.state === 'down') {
      this.facts.connection.terminate()
      return this.#end(`no sign of life for ${(verdict.silentMs / 1000).toFixed(1)} s`)
    }
    if (verdict.state === 'suspect' && !this.#suspect) {
      this.#suspect = true
      this.#reports.suspected(verdict.silentMs)
    }
    if (verdict.beat || nowMs - this.#lastPingMs >= this.#rttEveryMs) this.#sendPing(() => {})
    this.#cancelCheck = this.#platform.after(Math.max(1, verdict.nextCheckMs - nowMs), () => this.#check('first'))
  }

  #end(reason: string): void {
    if (this.#ended) return
    this.#stop()
    this.#reports.ended(reason)
  }

  #stop(): void {
    this.#ended = true
    this.#cancelCheck()
    this.#pings.clear()
    for (const end of this.#unsettled) end()
  }
}
