import type { Platform } from './host-platform.ts'
import { Moments } from './moments.ts'
import { PendingSend } from './pending-send.ts'
import { Ring } from './ring.ts'

/** Messages a node may process before others have their turn. */
const maxBatch = 256
const firstBatch = 16
/** How long a slice may keep the loop from its sockets and timers. */
const sliceMs = 4
/** Batches in one slice, so that a loop of messages comes to its end also where the clock is coarse or moved by hand. */
const maxBatches = 4096
/** How long one batch should take at most; slow behaviours get smaller batches. */
const batchMs = 2

/**
 * The time a batch has. A quick behaviour may turn slow in the middle of a large batch, so the loops look at the clock every 32
 * messages: 2 ns a message, where a look at each would be 65.
 */
export class Pace {
  /** Whether the batch has had its time. */
  isOver = false
  #deadlineMs = Infinity
  readonly #platform: Platform

  constructor(platform: Platform) {
    this.#platform = platform
  }

  begin(nowMs: number): void {
    this.isOver = false
    this.#deadlineMs = nowMs + batchMs
  }

  /** Whether the batch, having done so many messages, shall end. */
  endsAt(handled: number): boolean {
    if ((handled & 31) === 31 && this.#platform.monotonicMs() > this.#deadlineMs) this.isOver = true
    return this.isOver
  }
}

/** Something that has work to do now and then. */
export interface Runnable {
  /** Whether it stands in the ready queue; kept by the scheduler. */
  scheduled: boolean
  /** Messages it may process in one go; kept by the scheduler. */
  batch: number
  /** The moment in which it was woken; kept by the scheduler, `undefined` once it has run. */
  wokenIn: number | undefined
  canRun(): boolean
  /** Processes up to so many messages, fewer when the pace says so, and says how many it did. */
  runBatch(limit: number, startMs: number): number
  /** Is told when a batch began and ended, and how many messages it did. */
  charge(startMs: number, endMs: number, done: number): void
}

/** Lets the nodes of one network take turns: batches within slices, and between slices everybody else on the loop. */
export class Scheduler {
  /** Grows with every slice. */
  turn = 0
  readonly pace: Pace
  /** Called after a slice that leaves nothing ready to run. */
  whenIdle: () => void = () => {}
  readonly #platform: Platform
  readonly #report: (error: unknown) => void
  readonly #ready = new Ring<Runnable>()
  readonly #afterSlice = new Set<() => void>()
  #breaths: PendingSend[] = []
  readonly moments = new Moments()
  #sliceTimeMs: number | undefined
  #armed = false
  readonly #run = () => this.#slice()

  constructor(platform: Platform, report: (error: unknown) => void) {
    this.#platform = platform
    this.pace = new Pace(platform)
    this.#report = report
  }

  /** Whether nothing is ready to run. */
  get isIdle(): boolean {
    return this.#ready.length === 0
  }

  /** Whether a slice is under way. */
  get isInSlice(): boolean {
    return this.#sliceTimeMs !== undefined
  }

  /** The monotonic clock; inside a slice as it stood when the batch began, which costs nothing. */
  get timeMs(): number {
    return this.#sliceTimeMs ?? this.#platform.monotonicMs()
  }

  /** Gives a node a turn. */
  add(runnable: Runnable): void {
    runnable.scheduled = true
    if (runnable.batch === 0) runnable.batch = firstBatch
    this.#ready.push(runnable)
    if (this.#sliceTimeMs === undefined) {
      // What is woken between two slices waits since the first of it was.
      if (!this.#armed) this.moments.end(this.#platform.monotonicMs())
      runnable.wokenIn = this.moments.number - 1
      this.#arm()
    } else runnable.wokenIn = this.moments.number
  }

  /** Gives something to await that is done after the next slice. */
  nextTurn(): PromiseLike<void> {
    const breath = new PendingSend()
    breath.expect()
    this.#breaths.push(breath)
    this.#arm()
    return breath
  }

  /** Runs something after each slice; returns the undo. */
  afterSlice(run: () => void): () => void {
    this.#afterSlice.add(run)
    return () => {
      this.#afterSlice.delete(run)
    }
  }

  /** Makes a slice come even if nothing is ready, for those who wait for its end. */
  pulse(): void {
    if (this.#afterSlice.size > 0) this.#arm()
  }

  #arm(): void {
    if (this.#armed) return
    this.#armed = true
    this.#platform.schedule(this.#run)
  }

  #slice(): void {
    this.#armed = false
    this.turn++
    const begunMs = this.#platform.monotonicMs()
    this.#sliceTimeMs = begunMs
    try {
      for (let batches = 0; batches < maxBatches && this.#ready.length > 0; batches++) {
        if (this.#sliceTimeMs - begunMs >= sliceMs) break
        this.#runNext(this.#sliceTimeMs)
      }
    } finally {
      this.#sliceTimeMs = undefined
      if (this.#ready.length > 0) this.#arm()
    }
    if (this.#ready.length === 0) this.whenIdle()
    if (this.#breaths.length > 0) for (const breath of this.#breaths.splice(0)) breath.admitted()
    for (const run of this.#afterSlice) run()
  }

  #runNext(startMs: number): void {
    const next = this.#ready.shift()
    if (next === undefined) return
    const limit = next.batch
    let done = 0
    this.pace.begin(startMs)
    try {
      done = next.runBatch(limit, startMs)
    } catch (error) {
      this.#report(error)
    }
    const endMs = this.#platform.monotonicMs()
    this.#sliceTimeMs = endMs
    this.moments.end(endMs)
    next.charge(startMs, endMs, done)
    if (endMs - startMs > batchMs) next.batch = Math.max(1, Math.floor((done * batchMs) / (endMs - startMs)))
    else if (done === limit && limit < maxBatch) next.batch = Math.min(maxBatch, limit * 2)
    if (next.canRun()) this.#ready.push(next)
    else next.scheduled = false
  }
}
