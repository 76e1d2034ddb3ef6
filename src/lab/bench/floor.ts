const slots = 1024
const mask = slots - 1
const batch = 256
/** How long the queue keeps the loop, as the scheduler's slices do. */
const sliceMs = 4

/** Something in the run queue. */
export interface Turn {
  scheduled: boolean
  /** Takes its turn; says whether there is more to do. */
  turn(): boolean
}

/**
 * The floor: bare ring mailboxes of 1,024 slots, a run queue, batches of 256, and nothing else. No supervision, no metrics, no sizes,
 * no ports, no outbox. What a queue between actors costs at least; Millrace is measured against it.
 */
export class RunQueue {
  readonly #queue: Turn[] = []
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
      if (next === undefined) break
      if (++this.#head === slots) {
        queue.splice(0, slots)
        this.#head = 0
      }
      if (next.turn()) queue.push(next)
      else next.scheduled = false
    }
    if (this.#head < queue.length) this.#arm()
    else this.#armed = false
  }
}

/** A bare actor: its mailbox, whom it sends to, and what it does with each message. */
export class BareActor implements Turn {
  readonly targets: BareActor[] = []
  scheduled = false
  readonly #queue: RunQueue
  readonly #run: (message: unknown, self: BareActor) => void
  // oxlint-disable-next-line unicorn/no-new-array -- 17 µs a mailbox; Array.from takes 79, and a floor must not be slow on purpose
  readonly #slots: unknown[] = new Array<unknown>(slots).fill(undefined)
  #head = 0
  #length = 0

  constructor(queue: RunQueue, run: (message: unknown, self: BareActor) => void) {
    this.#queue = queue
    this.#run = run
  }

  /** How many messages there is room for. */
  get room(): number {
    return slots - this.#length
  }

  /** Puts a message into the mailbox; whoever may have more than a batch asks for room before. */
  receive(message: unknown): void {
    this.#slots[(this.#head + this.#length) & mask] = message
    this.#length++
    if (!this.scheduled) this.#queue.add(this)
  }

  /** Sends to every target. */
  send(message: unknown): void {
    const { targets } = this
    for (let index = 0; index < targets.length; index++) targets[index]?.receive(message)
  }

  turn(): boolean {
    for (let left = Math.min(batch, this.#length); left > 0; left--) {
      const slot = this.#head
      const message = this.#slots[slot]
      this.#slots[slot] = undefined
      this.#head = (slot + 1) & mask
      this.#length--
      this.#run(message, this)
    }
    return this.#length > 0
  }
}

/** A bare source: whenever it has its turn, it makes a batch of messages, or as many as all its targets have room for. */
export class BareSource implements Turn {
  scheduled = false
  readonly #targets: readonly BareActor[]
  readonly #make: () => unknown

  constructor(targets: readonly BareActor[], make: () => unknown) {
    this.#targets = targets
    this.#make = make
  }

  turn(): boolean {
    const targets = this.#targets
    let count = batch
    for (const { room } of targets) if (room < count) count = room
    for (; count > 0; count--) {
      const message = this.#make()
      for (let index = 0; index < targets.length; index++) targets[index]?.receive(message)
    }
    return true
  }
}
