const maxNames = 32
const maxNameLength = 64

/** The figures one node reports of itself: the latest value of each of at most 32 names. */
export class Gauges {
  #values: Map<string, number> | undefined
  #warned = false
  readonly #warn: (text: string) => void

  constructor(warn: (text: string) => void) {
    this.#warn = warn
  }

  /** Keeps a value. What cannot be charted is left out, with one warning. */
  set(name: string, value: number): void {
    this.#values ??= new Map()
    const isNew = !this.#values.has(name)
    if (!Number.isFinite(value)) return this.#refuse(`gauge "${short(name)}" is not a finite number: ${String(value)}`)
    if (isNew && this.#values.size >= maxNames)
      return this.#refuse(`gauge "${short(name)}" is not shown: a node has at most ${maxNames} gauges`)
    if (isNew && name.length > maxNameLength)
      return this.#refuse(`gauge "${short(name)}…" is not shown: a name has at most ${maxNameLength} characters`)
    this.#values.set(name, value)
  }

  toRecord(): Record<string, number> {
    return this.#values === undefined ? {} : Object.fromEntries(this.#values)
  }

  clear(): void {
    this.#values = undefined
  }

  #refuse(text: string): void {
    if (this.#warned) return
    this.#warned = true
    this.#warn(text)
  }
}

function short(name: string): string {
  return String(name).slice(0, maxNameLength)
}
