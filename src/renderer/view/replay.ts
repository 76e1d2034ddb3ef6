/** How far a replay has come. */
export interface ReplayProgress {
  sent: number
  of: number
  /** Why it ended early: the message after those sent was refused. */
  failure?: unknown
  isCancelled: boolean
}

/**
 * Sends messages one after another in their order; the next goes only when the one before was taken, so that no queue gets more than it has
 * room for. Ends at the first that is refused, or when it is called off: then nothing more goes out.
 */
export async function replay<Message>(
  messages: readonly Message[],
  send: (message: Message) => Promise<unknown>,
  { signal, progress }: { signal: AbortSignal; progress: (now: ReplayProgress) => void },
): Promise<ReplayProgress> {
  let now: ReplayProgress = { sent: 0, of: messages.length, isCancelled: false }
  for (const message of messages) {
    if (signal.aborted) break
    try {
      await send(message)
      now = { ...now, sent: now.sent + 1 }
    } catch (failure) {
      // One that waits for room may be let go of when it is called off.
      if (!signal.aborted) now = { ...now, failure }
      break
    } finally {
      progress(now)
    }
  }
  now = { ...now, isCancelled: signal.aborted && now.sent < now.of }
  progress(now)
  return now
}
