import { MillraceError } from '../shared/index.ts'
import type { HostEvents, InstanceHost } from './instance-host.ts'
import type { CarriedError, FromInstance, Request } from './instance-protocol.ts'
import { nodePlatform } from './node-platform.ts'

/** One run of an instance, from its start to its end: where it lives, and who waits for it. */
export class InstanceRun {
  readonly host: InstanceHost
  readonly #started = deferred<void>()
  readonly #ended = deferred<void>()
  readonly #requests = new Map<number, Deferred<unknown>>()
  #lastRequest = 0
  #cancelDeadline: () => void = () => undefined
  /** Messages it had under way when it stopped; absent while it has not said so. */
  left: number | undefined

  constructor(makeHost: (events: HostEvents) => InstanceHost, events: HostEvents) {
    this.host = makeHost(events)
  }

  /** Resolves when it runs; rejects with what kept it from running. */
  get started(): Promise<void> {
    return this.#started.promise
  }

  /** Resolves when it is gone. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  hasStarted(): void {
    this.#cancelDeadline()
    this.#started.resolve()
  }

  hasFailed(error: unknown): void {
    this.#cancelDeadline()
    this.#started.reject(error)
  }

  /** It is gone: whoever still waits for an answer gets this error instead. */
  hasEnded(error: unknown): void {
    this.hasFailed(error)
    for (const request of this.#requests.values()) request.reject(error)
    this.#ended.resolve()
  }

  /** Does something if it has neither started nor ended by then. */
  deadline(ms: number, run: () => void): void {
    this.#cancelDeadline()
    this.#cancelDeadline = nodePlatform.after(ms, run)
  }

  /** Asks something of it. */
  ask(request: Request): Promise<unknown> {
    const answer = deferred<unknown>()
    const id = ++this.#lastRequest
    this.#requests.set(id, answer)
    this.host.post({ type: 'request', id, request })
    return answer.promise
  }

  /** Takes an answer to what was asked. */
  settle({ id, output, error }: Extract<FromInstance, { type: 'response' }>): void {
    const request = this.#requests.get(id)
    this.#requests.delete(id)
    if (error === undefined) request?.resolve(output)
    else request?.reject(revive(error))
  }
}

/** Makes an error again of what crossed a thread. */
export function revive({ code, message }: CarriedError): Error {
  return code === undefined ? new Error(message) : new MillraceError(code, message)
}

interface Deferred<Value> {
  promise: Promise<Value>
  resolve(value: Value): void
  reject(reason: unknown): void
}

// Promise.withResolvers is not in Node 20.
function deferred<Value>(): Deferred<Value> {
  let resolve!: (value: Value) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  // Whoever waits gets the rejection; nobody has to wait.
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}
