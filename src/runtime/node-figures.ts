/** What one node has done since its network first started. Plain fields: counting costs a nanosecond. */
export class NodeFigures {
  received = 0
  errors = 0
  deadLetters = 0
  /** Time in synchronous behaviours; that of asynchronous ones is kept where they run. */
  busyMs = 0
  lastError: string | undefined
  /** When it last processed something, on the monotonic clock. */
  activeAtMs = -Infinity
  #blockedMs = 0
  #blockedSinceMs: number | undefined

  /** The node has output that its wires do not take. */
  blocked(nowMs: number): void {
    this.#blockedSinceMs ??= nowMs
  }

  unblocked(nowMs: number): void {
    if (this.#blockedSinceMs === undefined) return
    this.#blockedMs += nowMs - this.#blockedSinceMs
    this.#blockedSinceMs = undefined
  }

  /** How long the node has been blocked altogether. */
  blockedMsAt(nowMs: number): number {
    return this.#blockedMs + (this.#blockedSinceMs === undefined ? 0 : nowMs - this.#blockedSinceMs)
  }
}
