import { Histogram } from './histogram.ts'
import type { Wire } from './wire.ts'

/** A node that has much to do is looked at ten thousand times a second: each look costs 20 ns, and what it shows is the same. */
const apartMs = 0.1

/**
 * How long messages wait for a node, and how long it takes for each: of the batches that are looked at, which are all that come a tenth of a
 * millisecond after the one before. Behaviours that answer at once are timed by the batch. Of the messages that wait some are followed: the
 * one that wakes the node, and of those that are there when a batch begins the newest, until it is taken.
 */
export class NodeTimes {
  readonly service = new Histogram()
  readonly waiting = new Histogram()
  /** Whether it wants to be told of the end of this batch. */
  isCurious = false
  /** From when on a batch is looked at. */
  dueMs = -Infinity
  #isOpen = false
  /** Since when a message waits that came while the node could not run. */
  #heldSinceMs: number | undefined
  #wire: Wire | undefined
  #number = 0
  #sinceMs = 0

  /** A message has come to a node that had none and cannot run now. */
  held(nowMs: number): void {
    this.#heldSinceMs ??= nowMs
  }

  /** A batch begins, with this wire; `wokenMs` says when the node was woken for it, if it was. */
  began(nowMs: number, wire: Wire | undefined, wokenMs: number | undefined): void {
    this.#isOpen = true
    this.isCurious = true
    this.dueMs = nowMs + apartMs
    const sinceMs = this.#heldSinceMs ?? wokenMs
    this.#heldSinceMs = undefined
    if (sinceMs !== undefined) this.waiting.record(nowMs - sinceMs)
    if (this.#wire !== undefined || wire === undefined || wire.length < 2) return
    this.#wire = wire
    this.#number = wire.headNumber + wire.length - 1
    this.#sinceMs = nowMs
  }

  /** A batch has ended that took so many messages, and answered them unless it only began to. */
  ended(startMs: number, endMs: number, taken: number, answered: number): void {
    if (this.#isOpen && answered > 0) this.service.record((endMs - startMs) / answered, answered)
    this.#isOpen = false
    this.#follow(startMs, endMs, taken)
    this.isCurious = this.#wire !== undefined
  }

  #follow(startMs: number, endMs: number, taken: number): void {
    if (this.#wire === undefined) return
    const behind = this.#wire.headNumber - this.#number - 1
    if (behind < 0) return
    // It was taken somewhere in the batch: as many before its end as messages were taken after it.
    const share = Math.max(0, taken - behind - 1) / Math.max(1, taken)
    this.waiting.record(startMs + (endMs - startMs) * share - this.#sinceMs)
    this.#wire = undefined
  }
}
