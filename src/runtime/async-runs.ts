import type { Context } from './context.ts'
import type { NodeFailures } from './node-failures.ts'
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
  /** Messages that were still in process when the node was stopped. */
  abandoned(contexts: readonly Context[]): void
  readonly timeMs: number
}

interface Task {
  context: Context
  done: boolean
  outputs: unknown
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

  /** Runs the behaviour for what the context shows. */
  start(context: Context): void {
    const task = this.#begin(context)
    this.#attempt(task, 1)
  }

  /** Takes over a run that has begun already. */
  adopt(context: Context, outputs: PromiseLike<unknown>): void {
    this.#await(this.#begin(context), outputs, 1)
  }

  /** Emits what is due, as far as the node may emit. */
  flush(): void {
    for (let next = this.#tasks.peek(); next?.done === true && this.#node.mayEmit; next = this.#tasks.peek()) {
      this.#tasks.shift()
      this.#node.putOutputs(next.outputs, next.context)
    }
  }

  /** Lets go of everything: what is done is emitted, the rest reported as abandoned; late results are ignored. Gives the number of the latter. */
  abandon(): number {
    this.#closed = true
    const open: Context[] = []
    for (let next = this.#tasks.shift(); next !== undefined; next = this.#tasks.shift()) {
      if (next.done) this.#node.putOutputs(next.outputs, next.context)
      else open.push(next.context)
    }
    if (open.length > 0) this.#node.abandoned(open)
    return open.length
  }

  #begin(context: Context): Task {
    const task: Task = { context, done: false, outputs: undefined }
    this.#tasks.push(task)
    if (this.#underWay === 0) this.#busySinceMs = this.#node.timeMs
    this.#underWay++
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
    if (isThenable(outputs)) this.#await(task, outputs, attempt)
    else this.#done(task, outputs)
  }

  #await(task: Task, outputs: PromiseLike<unknown>, attempt: number): void {
    // Two callbacks rather than an async function: a promise less per message. What is not a real promise becomes one here, so
    // that it answers exactly once.
    Promise.resolve(outputs).then(
      (value) => this.#conclude(() => this.#done(task, value)),
      (error: unknown) => this.#conclude(() => this.#failed(task, error, attempt)),
    )
  }

  /** Ends a try. The node goes on whatever happens here: nobody hears what throws in the callback of a promise. */
  #conclude(end: () => void): void {
    if (this.#closed) return
    try {
      end()
    } finally {
      this.#node.settled()
    }
  }

  #failed(task: Task, error: unknown, attempt: number): void {
    if (this.#node.failures.retryAfter(task.context, error, attempt)) this.#attempt(task, attempt + 1)
    else this.#done(task, undefined)
  }

  #done(task: Task, outputs: unknown): void {
    task.done = true
    task.outputs = outputs
    this.#underWay--
    if (this.#underWay === 0) this.#busyMs += this.#node.timeMs - this.#busySinceMs
    this.flush()
  }
}
