/** What the endpoint takes from its host: clocks, timers and chance, so that tests can move them by hand. */
export interface PeerPlatform {
  /** The wall clock, in milliseconds since the epoch. */
  now(): number
  /** A clock that never goes back, in milliseconds. */
  monotonicMs(): number
  /** Runs once after the delay; returns its undo. */
  after(delayMs: number, run: () => void): () => void
  /** From 0 up to but not including 1. */
  random(): number
  /** Is told that a packet has come, before what is in it is handed over. */
  arrived?(): void
  /** Is told that everything in it has been handed over. */
  handedOver?(): void
  /** Runs once the present turn is over, before any input is read; `process.nextTick` when absent. */
  soon?(run: () => void): void
  /** Runs once the present turn is over and waiting input has been read; `setImmediate` when absent. */
  defer?(run: () => void): void
}
