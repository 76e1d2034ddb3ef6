import { Ring } from './ring.ts'

/** What is noted of the messages of a wire, by their number; notes of messages that have left the wire are forgotten as they are met. */
export class Column<Note> {
  #notes = new Ring<{ note: Note }>()
  /** The number of the message that the oldest note is of. */
  #first = 0

  /** Notes something of the newest message, which has this number; `head` is that of the oldest one still on the wire. */
  push(head: number, number: number, note: Note): void {
    this.#forgetBefore(head)
    if (this.#notes.length === 0) this.#first = number
    this.#notes.push({ note })
  }

  /** What is noted of the oldest message, which has this number. */
  head(number: number): Note | undefined {
    this.#forgetBefore(number)
    return this.#first === number ? this.#notes.peek()?.note : undefined
  }

  /** Takes out the note of a message that was taken away; those before it have moved up by one. */
  remove(number: number): void {
    const at = number - this.#first
    if (at < 0) return
    const kept = this.#notes.toArray()
    kept.splice(at, 1)
    this.#notes = new Ring()
    for (const entry of kept) this.#notes.push(entry)
    this.#first++
  }

  clear(): void {
    this.#notes = new Ring()
  }

  #forgetBefore(number: number): void {
    while (this.#notes.length > 0 && this.#first < number) {
      this.#notes.shift()
      this.#first++
    }
  }
}
