/** What to do about a link at this moment, and when to look again. */
export interface LivenessVerdict {
  readonly state: 'alive' | 'suspect' | 'down'
  /** Nothing was sent for a while: send a ping. */
  readonly beat: boolean
  readonly silentMs: number
  /** On the monotonic clock. */
  readonly nextCheckMs: number
}

/**
 * Judges by silence whether the peer is alive: any bytes are life. A peer that is idle beats every interval, so it is suspected after one
 * and a half and given up after four (3 and 8 s by default). Time in which this side itself stood still does not count. Pure.
 */
export class Liveness {
  readonly #intervalMs: number
  #heardMs: number
  #signs = 0
  #sentMs: number
  #plannedMs: number

  constructor(intervalMs: number, nowMs: number) {
    this.#intervalMs = intervalMs
    this.#heardMs = nowMs
    this.#sentMs = nowMs
    this.#plannedMs = nowMs + intervalMs
  }

  /** How often something was heard; the time of the last is put off by checks that run late. */
  get signs(): number {
    return this.#signs
  }

  heard(nowMs: number): void {
    this.#signs++
    this.#heardMs = nowMs
  }

  sent(nowMs: number): void {
    this.#sentMs = nowMs
  }

  check(nowMs: number): LivenessVerdict {
    // A late check says more about this side than about the peer.
    const lateMs = Math.max(0, nowMs - this.#plannedMs)
    this.#heardMs = Math.min(nowMs, this.#heardMs + lateMs)
    const silentMs = nowMs - this.#heardMs
    const suspectMs = this.#intervalMs * 1.5
    const downMs = this.#intervalMs * 4
    const state = silentMs >= downMs ? 'down' : silentMs >= suspectMs ? 'suspect' : 'alive'
    // A suspect is asked for a sign of life, whatever else is under way.
    const beat = state === 'suspect' || nowMs - this.#sentMs >= this.#intervalMs
    const verdictMs = this.#heardMs + (state === 'alive' ? suspectMs : downMs)
    const beatMs = (beat ? nowMs : this.#sentMs) + this.#intervalMs
    this.#plannedMs = Math.max(nowMs + 1, Math.min(verdictMs, beatMs))
    return { state, beat, silentMs, nextCheckMs: this.#plannedMs }
  }
}
