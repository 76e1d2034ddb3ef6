import type { NewFile, StateFiles } from '../../../src/lab/kept-states/state-files.ts'

/** Thrown by the step at which the machine dies, and by every one after it. */
export class PowerLost extends Error {}

interface Content {
  /** What a reader sees while the machine lives. */
  seen: Uint8Array
  /** What is on the disk for sure. */
  synced: Uint8Array
}

/**
 * A disk that can lose its power at any step, and forgets then what was not brought to it: of a file that was not synced any part may be
 * there, and a name that was changed in a folder that was not synced may be the old or the new one.
 */
export class SimulatedDisk implements StateFiles {
  /** Steps that have been done. */
  steps = 0
  /** The step at which the power is lost. */
  diesAt = Infinity
  /** The step that fails, as with a full disk. */
  failsAt = Infinity
  failure = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  /** Chooses what of the unsure comes true. */
  readonly #chance: () => number
  #names = new Map<string, Content>()
  /** The names as they were when the folder was last synced. */
  #syncedNames = new Map<string, Content>()

  constructor(chance: () => number) {
    this.#chance = chance
  }

  /** What a machine finds that starts again. */
  restarted(): SimulatedDisk {
    const next = new SimulatedDisk(this.#chance)
    const names = this.#chance() < 0.5 ? this.#names : this.#syncedNames
    for (const [name, content] of names) {
      const bytes = this.#survivor(content)
      next.put(name, bytes)
    }
    return next
  }

  /** A file as it lies there. */
  put(name: string, bytes: Uint8Array): void {
    const content = { seen: bytes, synced: bytes }
    this.#names.set(name, content)
    this.#syncedNames.set(name, content)
  }

  get files(): string[] {
    return [...this.#names.keys()].sort()
  }

  read(file: string): Uint8Array | undefined {
    return this.#names.get(file)?.seen
  }

  async makeFolder(): Promise<void> {
    this.#step()
  }

  async create(file: string): Promise<NewFile> {
    this.#step()
    const content: Content = { seen: new Uint8Array(), synced: new Uint8Array() }
    this.#names.set(file, content)
    return {
      write: async (bytes) => {
        const half = bytes.subarray(0, Math.floor(bytes.length * this.#chance()))
        content.seen = half
        this.#step()
        content.seen = bytes
      },
      sync: async () => {
        this.#step()
        content.synced = content.seen
      },
      close: async () => this.#step(),
    }
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step()
    this.renameNow(from, to)
  }

  async syncFolder(): Promise<void> {
    this.#step()
    this.#syncedNames = new Map(this.#names)
  }

  renameNow(from: string, to: string): void {
    const content = this.#names.get(from)
    if (content === undefined) return
    this.#names.delete(from)
    this.#names.set(to, content)
  }

  remove(file: string): void {
    this.#names.delete(file)
  }

  #step(): void {
    if (this.steps >= this.diesAt) throw new PowerLost('the power is gone')
    if (this.steps++ === this.failsAt) throw this.failure
  }

  #survivor({ seen, synced }: Content): Uint8Array {
    if (seen === synced) return seen
    const torn = Uint8Array.from(seen.subarray(0, Math.floor(seen.length * this.#chance())))
    return this.#chance() < 0.3 ? torn.fill(0) : torn
  }
}
