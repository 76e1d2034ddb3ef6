import type { Context } from './context.ts'
import { DelayedRetry } from './delayed-retry.ts'
import type { NodeFailures } from './node-failures.ts'
import type { Platform } from './host-platform.ts'
import { MillraceError } from '../shared/index.ts'
import { isThenable } from './node-config.ts'
import { Ring } from './ring.ts'

/** What asynchronous runs need of their node. */
export interface AsyncNode {
  /** Runs the behaviour once. */
  call(context: Context): unknown
  /** Emits what a behaviour returned for what the context holds. Never throws. */
  putOutputs(outputs: unknown, context: Context): void
  /** Whether what is returned may be emitted now. */
  readonly mayEmit: boolean
  readonly failures: NodeFailures
  /** Something has come to an end: there may be more to do. */
  settled(): void
  /** A run has come to its end, so long after its beginning. */
  served(durationMs: number): void
  /** Messages that were still in process when the node was stopped. */
  abandoned(contexts: readonly Context[]): void
  readonly timeMs: number
  readonly platform: Platform
  /** How long one try may take; `undefined` for as long as it likes. */
  readonly deadlineMs: number | undefined
}

interface Task {
  context: Context
  done: boolean
  startedAtMs: number
  outputs: unknown
}

/** So many answers at once, one after the other, and a behaviour counts as synchronous again. */
const calmAfter = 16

/** A try against its deadline. */
interface Race {
  isOver: boolean
  stop: () => void
}

/** The runs of a behaviour that are under way at one node; what they return is emitted in the order in which their messages came. */
export class AsyncRuns {
  #busyMs = 0
  readonly #node: AsyncNode
  readonly #parallel: number
  readonly #tasks = new Ring<Task>()
  #underWay = 0
  #busySinceMs = 0
  #closed = false
  /** Whether it only holds messages that are tried again later; the node is a synchronous one and goes on as such. */
  #onlyRetries = true
  /** How many runs in a row have answered at once. */
  #atOnce = 0
  readonly #timers = new Set<() => void>()

  constructor(node: AsyncNode, parallel: number) {
    this.#node = node
    this.#parallel = parallel
  }

  get hasRoom(): boolean {
    return this.#tasks.length < this.#parallel
  }

  /** Time in which at least one run was under way, the present one included. */
  get busyMs(): number {
    return this.#busyMs + (this.#underWay === 0 ? 0 : this.#node.timeMs - this.#busySinceMs)
  }

  /** Runs whose message is not done with. */
  get inFlight(): number {
    return this.#tasks.length
  }

  /** Whether the node needs it no longer. */
  get isOver(): boolean {
    return (this.#onlyRetries || this.#atOnce >= calmAfter) && this.#tasks.length === 0
  }

  /** Runs the behaviour for what the context shows. */
  start(context: Context): void {
    const task = this.#begin(context)
    this.#attempt(task, 1)
  }

  /** Takes over a run that has begun already. */
  adopt(context: Context, outputs: PromiseLike<unknown>): void {
    const task = this.#begin(context)
    if (outputs instanceof DelayedRetry) this.#later(task, outputs)
    else this.#await(task, outputs, 1)
  }

  /** Emits what is due, as far as the node may emit. */
  flush(): void {
    for (let next = this.#tasks.peek(); next?.done === true && this.#node.mayEmit; next = this.#tasks.peek()) {
      this.#tasks.shift()
      this.#put(next)
    }
  }

  #put({ outputs, context }: Task): void {
    if (context.emitting === undefined) this.#node.putOutputs(outputs, context)
    else context.emitting(() => this.#node.putOutputs(outputs, context))
  }

  /** Lets go of everything: what is done is emitted, the rest reported as abandoned; late results are ignored. Gives the number of the latter. */
  abandon(): number {
    this.#closed = true
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
    const open: Context[] = []
    for (let next = this.#tasks.shift(); next !== undefined; next = this.#tasks.shift()) {
      if (next.done) this.#put(next)
      else open.push(next.context)
    }
    if (open.length > 0) this.#node.abandoned(open)
    return open.length
  }

  #begin(context: Context): Task {
    const startedAtMs = this.#node.timeMs
    const task: Task = { context, done: false, startedAtMs, outputs: undefined }
    this.#tasks.push(task)
    this.#busy()
    return task
  }

  #attempt(task: Task, attempt: number): void {
    let outputs: unknown
    try {
      outputs = this.#node.call(task.context)
    } catch (error) {
      this.#failed(task, error, attempt)
      return
    }
    if (isThenable(outputs)) return this.#await(task, outputs, attempt)
    this.#atOnce++
    this.#done(task, outputs)
  }

  #await(task: Task, outputs: PromiseLike<unknown>, attempt: number): void {
    this.#onlyRetries = false
    this.#atOnce = 0
    const { deadlineMs } = this.#node
    const race = deadlineMs === undefined ? undefined : this.#startClock(task, attempt, deadlineMs)
    // Two callbacks rather than an async function: a promise less per message. What is not a real promise becomes one here, so
    // that it answers exactly once.
    Promise.resolve(outputs).then(
      (value) => this.#conclude(race, () => this.#done(task, value)),
      (error: unknown) => this.#conclude(race, () => this.#failed(task, error, attempt)),
    )
  }

  /** Fails a try that takes too long; what it returns later is ignored. */
  #startClock(task: Task, attempt: number, deadlineMs: number): Race {
    const race: Race = { isOver: false, stop: () => undefined }
    race.stop = this.#after(deadlineMs, () => {
      const error = new MillraceError('TIMEOUT', `the behaviour took longer than its deadline of ${deadlineMs} ms`)
      task.context.expire(error)
      this.#conclude(race, () => this.#failed(task, error, attempt))
    })
    return race
  }

  /** Ends a try. The node goes on whatever happens here: nobody hears what throws in the callback of a promise. */
  #conclude(race: Race | undefined, end: () => void): void {
    if (this.#closed || race?.isOver === true) return
    if (race !== undefined) race.isOver = true
    race?.stop()
    try {
      end()
    } finally {
      this.#node.settled()
    }
  }

  #failed(task: Task, error: unknown, attempt: number): void {
    const next = this.#node.failures.nextTry(task.context, error, attempt)
    if (next === 'now') return this.#attempt(task, attempt + 1)
    if (next instanceof DelayedRetry) return this.#later(task, next)
    this.#done(task, undefined)
    // Only now, since it may end the node, and what is in process then is reported as abandoned.
    next?.()
  }

  #later(task: Task, { attempt, wait, error }: DelayedRetry): void {
    this.#rest()
    const sinceMs = this.#node.timeMs
    const again = (isWorthIt: boolean) => {
      this.#conclude(undefined, () => {
        this.#busy()
        // Nor is the wait part of the time that the message took.
        task.startedAtMs += this.#node.timeMs - sinceMs
        if (isWorthIt) return this.#attempt(task, attempt)
        this.#node.failures.giveUp(task.context, error, attempt - 1)
        this.#done(task, undefined)
      })
    }
    if (typeof wait === 'number') this.#after(wait, () => again(true))
    else void wait.then(again)
  }

  #after(delayMs: number, run: () => void): () => void {
    const undo = this.#node.platform.after(delayMs, () => {
      this.#timers.delete(cancel)
      run()
    })
    const cancel = () => {
      this.#timers.delete(cancel)
      undo()
    }
    this.#timers.add(cancel)
    return cancel
  }

  /** One more run is under way. One that waits to be tried again is not. */
  #busy(): void {
    if (this.#underWay === 0) this.#busySinceMs = this.#node.timeMs
    this.#underWay++
  }

  #rest(): void {
    this.#underWay--
    if (this.#underWay === 0) this.#busyMs += this.#node.timeMs - this.#busySinceMs
  }

  #done(task: Task, outputs: unknown): void {
    task.done = true
    task.outputs = outputs
    this.#node.served(this.#node.timeMs - task.startedAtMs)
    this.#rest()
    this.flush()
  }
}
