import type { ActorDescription } from '../../shared/index.ts'

/** One module of own actors, bundled: plain data that crosses to the thread or process that runs it. */
export interface BundledModule {
  /** Path relative to the folder of actors, as errors name it. */
  file: string
  /** A CommonJS bundle with an inline source map. */
  code: string
}

/** All modules of a folder, and the running copy of Millrace that `import … from 'millrace'` in them means. */
export interface BundledActors {
  folder: string
  /** The built library; its chunks are those that the instance worker runs. */
  libraryFile: string
  modules: readonly BundledModule[]
}

/** What a module turned out to hold. */
export interface DescribedModule {
  file: string
  actors: ActorDescription[]
  /** Why it cannot be used: one line with file and line. */
  error?: string
}

/** What is known of a lab's own actors when its files are checked. */
export interface OwnActorKnowledge {
  actors: readonly ActorDescription[]
  /** Modules that do not load, one line each. */
  errors: readonly string[]
}
