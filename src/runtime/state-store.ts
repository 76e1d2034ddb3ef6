/** The state of a node at one moment, written down. */
export interface StateSnapshot {
  node: string
  /** The name of its actor. */
  actor: string
  /** The wall clock, in milliseconds since the epoch. */
  savedAtMs: number
  text: string
}

/** Keeps the state of nodes beyond a run of their network. Handed in by the host. */
export interface StateStore {
  /**
   * Reads the newest whole snapshot under a key; `undefined` when there is none. `warning` says what of it is lost, if anything.
   *
   * @throws MillraceError `STATE_BROKEN` when there is one and it cannot be read, `FILE_VERSION` when a newer Millrace wrote it.
   */
  load(key: string): (StateSnapshot & { warning?: string }) | undefined
  /** Writes a snapshot whole or not at all; rejects with why it cannot. Calls for one key come one after the other. */
  save(key: string, snapshot: StateSnapshot): Promise<void>
  /** Puts what is kept under a key out of the way for good, and says where it lies then. */
  setAside(key: string): string
  /** Removes what is kept under a key. */
  forget(key: string): void
}
