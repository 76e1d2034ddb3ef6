import type { Wire, WireTarget } from './wire.ts'

/** Whose gate it is. */
export interface GateOwner {
  /** A wire has something for it. */
  wake(): void
}

/**
 * The wires that have a message for a node, in the order in which they shall be heard. With `any` firing a node has one gate
 * for all its inports, with `all` one for each. The wires themselves are the links of the queue: a node needs no more than this object.
 */
export class Gate implements WireTarget {
  #first: Wire | undefined
  #last: Wire | undefined
  readonly #owner: GateOwner

  constructor(owner: GateOwner) {
    this.#owner = owner
  }

  get isEmpty(): boolean {
    return this.#first === undefined
  }

  /** Lets a wire in that has just become non-empty. */
  add(wire: Wire): void {
    wire.ready = true
    this.#push(wire)
    this.#owner.wake()
  }

  /** The wire whose turn it is. */
  peek(): Wire | undefined {
    return this.#first
  }

  /** Ends the turn of a wire: it goes to the back, or out when it is empty. */
  pass(wire: Wire): void {
    // It may have been removed by the behaviour it just ran.
    if (this.#first !== wire) return
    const isEmpty = wire.length === 0
    // The only one stays where it is.
    if (!isEmpty && wire.next === undefined) return
    this.#first = wire.next
    wire.next = undefined
    if (this.#first === undefined) this.#last = undefined
    if (isEmpty) wire.ready = false
    else this.#push(wire)
  }

  /** Takes a wire out for good. */
  remove(wire: Wire): void {
    if (!wire.ready) return
    wire.ready = false
    let before: Wire | undefined
    for (let other = this.#first; other !== undefined; before = other, other = other.next) {
      if (other !== wire) continue
      if (before === undefined) this.#first = wire.next
      else before.next = wire.next
      if (this.#last === wire) this.#last = before
      break
    }
    wire.next = undefined
  }

  #push(wire: Wire): void {
    if (this.#last === undefined) this.#first = wire
    else this.#last.next = wire
    this.#last = wire
  }
}
