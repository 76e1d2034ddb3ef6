import type { LogLevel } from '../shared/index.ts'

/** What the runtime takes from its host: nothing is hidden, so tests move time and turns by hand. */
export interface Platform {
  /** The wall clock, in milliseconds since the epoch. */
  now(): number
  /** A clock that never jumps, in fractional milliseconds; for durations. */
  monotonicMs(): number
  /** Runs something in a later turn of the loop, after sockets and timers had theirs (`setImmediate`); returns the undo. */
  schedule(run: () => void): () => void
  /** Runs something after a delay (`setTimeout`); returns the undo. */
  after(delayMs: number, run: () => void): () => void
  /** A number from 0 up to but not including 1. */
  random(): number
}

/** A line that the network or one of its nodes wants to be read. */
export interface NetworkLogLine {
  level: LogLevel
  /** The node that wrote it; `undefined` for the network itself. */
  node: string | undefined
  text: string
}
