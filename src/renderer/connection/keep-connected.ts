import { isMillraceError } from '../../shared/index.ts'
import type { Connect, LabConnection } from './connect-lab.ts'

/** Where the window stands with its lab. */
export type ConnectionState =
  | { type: 'connecting'; attempt: number }
  | { type: 'connected' }
  | { type: 'lost'; retryAtMs: number; reason: string }
  /** The lab does not let this window in any more; it is not tried again. */
  | { type: 'ended'; reason: string }

/** What keeping a connection needs of the world. */
export interface Surroundings {
  connect: Connect
  now(): number
  /** Calls back after a delay; returns what calls it off. */
  after(delayMs: number, then: () => void): () => void
  changed(state: ConnectionState, connection: LabConnection | undefined): void
}

const retryDelaysMs = [1_000, 2_000, 3_000, 5_000]

/** Connects, and connects again whenever the connection is lost, until it is told to stop or is not let in any more. */
export function keepConnected(surroundings: Surroundings): { retryNow(): void; stop(): void } {
  const { connect, now, after, changed } = surroundings
  const abort = new AbortController()
  let attempt = 0
  let callOff: (() => void) | undefined
  let current: LabConnection | undefined

  const dial = async () => {
    callOff = undefined
    attempt += 1
    changed({ type: 'connecting', attempt }, undefined)
    let reason = 'the connection was closed'
    let isForbidden = false
    try {
      current = await connect(abort.signal)
      if (abort.signal.aborted) return current.close()
      attempt = 0
      changed({ type: 'connected' }, current)
      await current.closed
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error)
      isForbidden = isMillraceError(error) && error.code === 'FORBIDDEN'
    }
    current = undefined
    if (abort.signal.aborted) return
    if (isForbidden) return changed({ type: 'ended', reason }, undefined)
    const delayMs = retryDelaysMs[Math.min(attempt, retryDelaysMs.length - 1)] ?? 0
    changed({ type: 'lost', retryAtMs: now() + delayMs, reason }, undefined)
    callOff = after(delayMs, () => void dial())
  }
  void dial()

  return {
    retryNow() {
      if (!callOff) return
      callOff()
      void dial()
    },
    stop() {
      abort.abort()
      callOff?.()
      current?.close()
    },
  }
}
