import path from 'node:path'
import { describeError, isMillraceError, type ActorDescription, type OwnActorsDescription } from '../../shared/index.ts'
import { bundleActors, type Bundling } from './bundle.ts'
import { describeInThread } from './describe.ts'
import type { BundledActors, BundledModule, OwnActorKnowledge } from './module.ts'

/** What a lab's folder of own actors needs. */
export interface OwnActorsOptions {
  folder: string
  workerFile: string
  /** Names of actors that modules may not use. */
  builtIn: ReadonlySet<string>
  log(level: 'info' | 'error', text: string): void
  /** Something was loaded, or failed to. */
  onChange(): void
}

interface ModuleState {
  /** The newest version that loads, or the only one there is. */
  code: string
  actors: readonly ActorDescription[]
  error?: string
}

const quietMs = 60

/** The folder of actors that a lab brings along: bundled, described, and watched for changes. Nothing of it runs before `load`. */
export class OwnActors {
  readonly #options: OwnActorsOptions
  readonly #modules = new Map<string, ModuleState>()
  #loading: Promise<void> | undefined
  #stopWatching: (() => Promise<void>) | undefined
  #isLoaded = false
  #isStopped = false

  constructor(options: OwnActorsOptions) {
    this.#options = options
  }

  /** Loads what is in the folder, and from then on whatever is saved there. Never throws: what fails is said in the log. */
  async load(): Promise<void> {
    if (this.#loading === undefined) {
      this.#loading = this.#loadAll().then(() => this.#watch())
    }
    await this.#loading
  }

  /** What instances run. */
  get bundle(): BundledActors {
    return {
      folder: this.#options.folder,
      libraryFile: libraryBeside(this.#options.workerFile),
      modules: [...this.#modules].flatMap(([file, { code }]) => (code === '' ? [] : [{ file, code }])),
    }
  }

  get actors(): ActorDescription[] {
    return [...this.#modules.values()].flatMap(({ actors }) => actors)
  }

  /** What a check may know of them; `undefined` before they have been loaded. */
  knowledge(): OwnActorKnowledge | undefined {
    if (!this.#isLoaded) return undefined
    const errors = [...this.#modules.values()].flatMap(({ error }) => (error === undefined ? [] : [error]))
    return { actors: this.actors, errors }
  }

  describe(): OwnActorsDescription {
    return {
      folder: path.basename(this.#options.folder),
      modules: [...this.#modules].map(([file, { actors, error }]) => ({
        file,
        actors: actors.map(({ name }) => name),
        ...(error !== undefined && { error }),
      })),
    }
  }

  /** Ends the watching. Safe to call twice. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#stopWatching?.()
  }

  async #loadAll(): Promise<void> {
    try {
      await this.#read()
    } catch (error) {
      this.#options.log('error', describeError(error))
      if (!isMillraceError(error)) throw error
    }
    this.#isLoaded = true
    this.#options.onChange()
  }

  async #read(): Promise<void> {
    const { folder, workerFile } = this.#options
    const libraryFile = libraryBeside(workerFile)
    const bundled = bundleActors(folder)
    const toDescribe = bundled.then((bundlings) => ({ folder, libraryFile, modules: this.#changed(bundlings) }))
    const described = await describeInThread(workerFile, toDescribe)
    const [bundlings, { modules: changed }] = await Promise.all([bundled, toDescribe])
    for (const { file, actors, error } of described) {
      const code = changed.find((module) => module.file === file)?.code ?? ''
      const fault = error ?? this.#nameTaken(file, actors)
      if (fault !== undefined) this.#failed(file, fault, code)
      else this.#loaded(file, { code, actors })
    }
    for (const bundling of bundlings) if ('error' in bundling) this.#failed(bundling.file, bundling.error, '')
    const present = new Set(bundlings.map(({ file }) => file))
    for (const file of this.#modules.keys()) if (!present.has(file)) this.#modules.delete(file)
  }

  #changed(bundlings: readonly Bundling[]): BundledModule[] {
    return bundlings.flatMap((bundling) => {
      if ('error' in bundling) return []
      const known = this.#modules.get(bundling.file)
      return known?.code === bundling.code && known.error === undefined ? [] : [bundling]
    })
  }

  #loaded(file: string, state: ModuleState): void {
    const again = this.#modules.has(file) ? ' again' : ''
    this.#modules.set(file, state)
    this.#options.log('info', `loaded ${file}${again}: ${state.actors.map(({ name }) => name).join(', ')}`)
  }

  #failed(file: string, error: string, code: string): void {
    const old = this.#modules.get(file)
    if (old?.error === error) return
    const goesOn = old !== undefined && old.actors.length > 0
    this.#modules.set(file, goesOn ? { ...old, error } : { code, actors: [], error })
    this.#options.log('error', `${error}${goesOn ? '; its old version goes on' : ''} [ACTOR_MODULE_INVALID]`)
  }

  #nameTaken(file: string, actors: readonly ActorDescription[]): string | undefined {
    for (const { name } of actors) {
      if (this.#options.builtIn.has(name)) return `${file} defines "${name}", which is built in; give it another name`
      for (const [other, state] of this.#modules)
        if (other !== file && state.actors.some((actor) => actor.name === name))
          return `${file} and ${other} both define "${name}"; give one another name`
    }
    return undefined
  }

  async #watch(): Promise<void> {
    if (this.#isStopped) return
    const { watch } = await import('chokidar')
    const watcher = watch(this.#options.folder, { ignoreInitial: true, ignored: /node_modules/ })
    let timer: NodeJS.Timeout | undefined
    let reading = Promise.resolve()
    watcher.on('all', () => {
      clearTimeout(timer)
      // An editor saves in several steps.
      timer = setTimeout(() => (reading = reading.then(() => this.#loadAll())), quietMs)
    })
    watcher.on('error', (error) => this.#options.log('error', `cannot watch the own actors: ${describeError(error)}`))
    await new Promise<void>((resolve) => watcher.once('ready', () => resolve()))
    this.#stopWatching = async () => {
      clearTimeout(timer)
      await watcher.close()
      await reading
    }
    if (this.#isStopped) await this.#stopWatching()
  }
}

/** The library is built beside the worker and shares its chunks. */
export function libraryBeside(workerFile: string): string {
  return path.join(path.dirname(workerFile), 'library.js')
}
