import { Ring } from './ring.ts'
import type { Wire, WireTarget } from './wire.ts'

/**
 * The wires that have a message for a node, in the order in which they shall be heard. With `any` firing a node has one gate
 * for all its inports, with `all` one for each.
 */
export class Gate implements WireTarget {
  #wires = new Ring<Wire>()
  readonly #wake: () => void

  constructor(wake: () => void) {
    this.#wake = wake
  }

  get isEmpty(): boolean {
    return this.#wires.length === 0
  }

  /** Lets a wire in that has just become non-empty. */
  add(wire: Wire): void {
    wire.ready = true
    this.#wires.push(wire)
    this.#wake()
  }

  /** The wire whose turn it is. */
  peek(): Wire | undefined {
    return this.#wires.peek()
  }

  /** Ends the turn of a wire: it goes to the back, or out when it is empty. */
  pass(wire: Wire): void {
    // It may have been removed by the behaviour it just ran.
    if (this.#wires.peek() !== wire) return
    this.#wires.shift()
    if (wire.length > 0) this.#wires.push(wire)
    else wire.ready = false
  }

  /** Takes a wire out for good. */
  remove(wire: Wire): void {
    if (!wire.ready) return
    wire.ready = false
    this.#wires.remove(wire)
  }
}
