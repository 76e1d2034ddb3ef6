import type { PredictionResponse } from '../payloads.ts'
import { HttpProblem } from './problem.ts'

interface Pending {
  readonly startedMs: number
  resolve(response: PredictionResponse): void
  reject(error: unknown): void
}

/** Requests that wait for their response, by request id. */
export class PendingRequests {
  readonly #pending = new Map<string, Pending>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#pending.size
  }

  /**
   * Sends a request and waits for its response. Rejects with what `send` rejects with, or with an `HttpProblem` when the response
   * does not come in time, the client leaves, or too many wait already.
   */
  async ask(
    id: string,
    send: () => Promise<void>,
    { timeoutMs, closed }: { timeoutMs: number; closed: AbortSignal },
  ): Promise<PredictionResponse> {
    if (this.#pending.size >= this.#limit)
      throw new HttpProblem(503, 'BUSY', `${this.#limit} requests wait already: try again`, {
        headers: { 'retry-after': '1' },
      })
    const { promise, resolve, reject } = withResolvers<PredictionResponse>()
    this.#pending.set(id, { startedMs: performance.now(), resolve, reject })
    const late = () => reject(new HttpProblem(504, 'TIMEOUT', `no prediction came within ${timeoutMs} ms`))
    const timer = setTimeout(late, timeoutMs)
    const left = () => reject(new HttpProblem(499, 'CLIENT_LEFT', 'the client did not wait'))
    closed.addEventListener('abort', left, { once: true })
    try {
      send().catch(reject)
      return await promise
    } finally {
      clearTimeout(timer)
      closed.removeEventListener('abort', left)
      this.#pending.delete(id)
    }
  }

  /** Hands a response to whoever waits for it; returns the milliseconds it took, or `undefined` if nobody waits. */
  settle(response: PredictionResponse): number | undefined {
    const pending = this.#pending.get(response.request_id)
    pending?.resolve(response)
    return pending === undefined ? undefined : performance.now() - pending.startedMs
  }

  /** Tells all who wait that no response will come. */
  stop(): void {
    const problem = new HttpProblem(503, 'STOPPING', 'the instance is stopping')
    for (const pending of this.#pending.values()) pending.reject(problem)
  }
}

function withResolvers<Value>() {
  let resolve: (value: Value) => void = () => undefined
  let reject: (reason: unknown) => void = () => undefined
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
