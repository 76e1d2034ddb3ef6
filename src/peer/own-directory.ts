import type { Exports } from './engine.ts'
import type { Directory } from './protocol/session-directory.ts'

/** What this instance exports, with the revision that its changes have come to. */
export class OwnDirectory {
  readonly #exports: Exports
  readonly #unwatch: (() => void) | undefined
  #revision = 1

  /** `changed` is called after each change. */
  constructor(exports: Exports, changed: () => void) {
    this.#exports = exports
    this.#unwatch = exports.whenChanged?.(() => {
      this.#revision++
      changed()
    })
  }

  get now(): Directory {
    return { revision: this.#revision, nodes: this.#exports.directory() }
  }

  stop(): void {
    this.#unwatch?.()
  }
}
