import { watch, type FSWatcher } from 'chokidar'
import { nodePlatform } from './node-platform.ts'

const lookAgainMs = 200

/** Tells when something writes files, from now on until it is stopped. */
export class WatchedFiles {
  readonly #watcher: FSWatcher
  #cancelLook: () => void = () => {}
  /** Resolves once changes are noticed. */
  readonly ready: Promise<void>

  /** `onChange` is told which file to look at, and shortly after to look at all of them. */
  constructor({
    files,
    onChange,
    onError,
  }: {
    files: string[]
    onChange: (file?: string) => void
    onError: (error: unknown) => void
  }) {
    this.#watcher = watch(files, { ignoreInitial: true })
    this.ready = new Promise((resolve) => void this.#watcher.once('ready', resolve))
    this.#watcher
      .on('all', (_event, file) => {
        onChange(file)
        // The watcher swallows a second change that follows at once, so the files are looked at once more.
        this.#cancelLook()
        this.#cancelLook = nodePlatform.after(lookAgainMs, () => onChange())
      })
      .on('error', onError)
  }

  add(file: string): void {
    this.#watcher.add(file)
  }

  /** Looks at no file any more. Safe to call twice. */
  async stop(): Promise<void> {
    this.#cancelLook()
    await this.#watcher.close()
  }
}
