const firstSize = 4

/** A queue, first in, first out, that grows by doubling and clears what it gives away. */
export class Ring<T> {
  #slots: (T | undefined)[] = []
  #head = 0
  #mask = -1
  length = 0

  push(item: T): void {
    if (this.length > this.#mask) this.#grow()
    this.#slots[(this.#head + this.length) & this.#mask] = item
    this.length++
  }

  peek(): T | undefined {
    return this.length === 0 ? undefined : this.#slots[this.#head]
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined
    const item = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & this.#mask
    this.length--
    return item
  }

  /** Takes one item out wherever it stands; the others keep their order. */
  remove(item: T): void {
    for (let rest = this.length; rest > 0; rest--) {
      const next = this.shift()
      if (next !== undefined && next !== item) this.push(next)
    }
  }

  /** The items, oldest first. */
  toArray(): T[] {
    const items: T[] = []
    for (let index = 0; index < this.length; index++) {
      const item = this.#slots[(this.#head + index) & this.#mask]
      if (item !== undefined) items.push(item)
    }
    return items
  }

  #grow(): void {
    const items = this.toArray()
    const size = Math.max(firstSize, this.#slots.length * 2)
    this.#slots = items
    // Fills up to the new size, so that the array never has holes.
    while (this.#slots.length < size) this.#slots.push(undefined)
    this.#head = 0
    this.#mask = size - 1
  }
}
