const slots = 1024
const mask = slots - 1
const batch = 256
/** How long the queue keeps the loop, as the scheduler's slices do. */
const sliceMs = 4

/** Something in the run queue. */
interface Turn {
  scheduled: boolean
  /** Takes its turn; says whether there is more to do. */
  turn(): boolean
}

/**
 * The floor: bare ring mailboxes of 1,024 slots, a run queue, batches of 256, and nothing else. No supervision, no metrics, no sizes,
 * no names, no outbox: a full mailbox says no. What any queue between actors costs at least; Millrace is measured against it.
 */
export class RunQueue {
  #queue: Turn[] = []
  #head = 0
  #armed = false

  /** Gives somebody a turn, in a later turn of the loop if the queue was idle. */
  add(turn: Turn): void {
    turn.scheduled = true
    this.#queue.push(turn)
    if (!this.#armed) this.#arm()
  }

  #arm(): void {
    this.#armed = true
    setImmediate(() => this.#slice())
  }

  #slice(): void {
    const deadlineMs = performance.now() + sliceMs
    const queue = this.#queue
    while (this.#head < queue.length && performance.now() < deadlineMs) {
      const next = queue[this.#head]
      this.#head++
      if (next === undefined) break
      if (next.turn()) queue.push(next)
      else next.scheduled = false
      if (this.#head === slots) {
        queue.splice(0, slots)
        this.#head = 0
      }
    }
    if (this.#head < queue.length) this.#arm()
    else this.#armed = false
  }
}

/** A bare actor: its mailbox, and what it does with each message. */
export class BareActor implements Turn {
  scheduled = false
  readonly #runQueue: RunQueue
  readonly #receive: (message: unknown) => void
  readonly #slots: unknown[] = []
  #head = 0
  #length = 0

  constructor(runQueue: RunQueue, receive: (message: unknown) => void) {
    this.#runQueue = runQueue
    this.#receive = receive
    for (let slot = 0; slot < slots; slot++) this.#slots.push(undefined)
  }

  /** How many messages it has room for. */
  get room(): number {
    return slots - this.#length
  }

  /** Takes a message; ask for room before, where more than a batch may lie. */
  push(message: unknown): void {
    this.#slots[(this.#head + this.#length) & mask] = message
    this.#length++
    if (!this.scheduled) this.#runQueue.add(this)
  }

  turn(): boolean {
    const receive = this.#receive
    for (let left = Math.min(batch, this.#length); left > 0; left--) {
      const slot = this.#head
      const message = this.#slots[slot]
      this.#slots[slot] = undefined
      this.#head = (slot + 1) & mask
      this.#length--
      receive(message)
    }
    return this.#length > 0
  }
}

/** A bare source: whenever it has its turn, it produces a batch for all its targets, or what all of them have room for. */
export class BareSource implements Turn {
  scheduled = false
  readonly #targets: readonly BareActor[]
  #next = 0

  constructor(targets: readonly BareActor[]) {
    this.#targets = targets
  }

  turn(): boolean {
    const targets = this.#targets
    let count = batch
    for (const { room } of targets) if (room < count) count = room
    for (let left = count; left > 0; left--) {
      const message = this.#next++
      for (const target of targets) target.push(message)
    }
    return true
  }
}
