import type { GraphChange } from '../../shared/index.ts'

/** One entry of the undo menu. */
export interface Step {
  name: string
  changes: GraphChange[]
  inverse: GraphChange[]
  /** Steps that follow each other with the same key are one: a drag, a text that is typed. */
  mergeKey?: string | undefined
}

/** How many steps can be undone unless it is said otherwise. */
export const defaultUndoLimit = 1_000

/** The steps that led to a document's value, and those that were undone. */
export class History {
  readonly #limit: number
  #done: Step[] = []
  #undone: Step[] = []
  /** What was the newest step when the document was saved; the step before the first is a thing of its own. */
  #beforeFirst: object = {}
  #saved: object = this.#beforeFirst

  constructor(limit: number = defaultUndoLimit) {
    this.#limit = limit
  }

  /** The step that an undo would take back. */
  get newest(): Step | undefined {
    return this.#done.at(-1)
  }

  /** The step that a redo would do again. */
  get next(): Step | undefined {
    return this.#undone.at(-1)
  }

  /** Whether the document is as it was when it was saved. */
  get isSaved(): boolean {
    return (this.newest ?? this.#beforeFirst) === this.#saved
  }

  /** Adds a step; what was undone can no longer be redone. */
  add(step: Step): void {
    this.#undone = []
    const last = this.newest
    if (last && step.mergeKey !== undefined && last.mergeKey === step.mergeKey && last !== this.#saved) {
      this.#done[this.#done.length - 1] = merged(last, step)
      return
    }
    this.#done.push(step)
    if (this.#done.length > this.#limit) this.#beforeFirst = this.#done.shift() ?? this.#beforeFirst
  }

  /** Takes the newest step for undoing. */
  undo(): Step | undefined {
    const step = this.#done.pop()
    if (step) this.#undone.push(step)
    return step
  }

  /** Takes the step that was undone last for doing it again. */
  redo(): Step | undefined {
    const step = this.#undone.pop()
    if (step) this.#done.push(step)
    return step
  }

  /** The next step does not join the newest, whatever its key. */
  seal(): void {
    const last = this.newest
    if (last) delete last.mergeKey
  }

  /** Says that the document lies on disk as it is now. */
  markSaved(): void {
    this.seal()
    this.#saved = this.newest ?? this.#beforeFirst
  }
}

function merged(first: Step, second: Step): Step {
  const isSamePlaces =
    first.changes.length === second.changes.length &&
    second.changes.every(({ op, path }, index) => {
      const earlier = first.changes[index]
      return op === 'replace' && earlier?.op !== 'remove' && String(earlier?.path) === String(path)
    })
  if (!isSamePlaces)
    return {
      ...first,
      changes: [...first.changes, ...second.changes],
      inverse: [...second.inverse, ...first.inverse],
    }
  // The way back is that of the first; on the way there only the last value of each place counts.
  const changes = first.changes.map((change, index): GraphChange => {
    const later = second.changes[index]
    return change.op === 'remove' || later?.op !== 'replace' ? change : { ...change, value: later.value }
  })
  return { ...first, changes }
}
