import Module, { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ActorDefinition } from '../../runtime/index.ts'
import { describeError, MillraceError } from '../../shared/index.ts'
import type { BundledActors, BundledModule } from './module.ts'

/** The part of Node's own loader for CommonJS that gives code a name, a `require` and its source map. */
interface CommonJsModule {
  filename: string
  paths: string[]
  exports: unknown
  require: (id: string) => unknown
  _compile(code: string, name: string): unknown
}

let generation = 0
/** Node forgets a source map with its module, so that has to live as long as its actors. */
const modulesOf = new WeakMap<ActorDefinition, CommonJsModule>()

/** The running copy of Millrace, as own actors import it. */
export async function loadLibrary({ libraryFile }: Pick<BundledActors, 'libraryFile'>): Promise<unknown> {
  return await import(pathToFileURL(libraryFile).href)
}

/**
 * Evaluates a bundled module and gives the actors that it exports. Nothing holds on to it but who uses what it gives.
 *
 * @throws MillraceError `ACTOR_MODULE_INVALID` with file and line when it throws or exports no actor.
 */
export function evaluateModule({ file, code }: BundledModule, folder: string, library: unknown): ActorDefinition[] {
  process.setSourceMapsEnabled(true)
  const shown = `${path.basename(folder)}/${file}`
  // A name of its own for every version: the source maps of old ones are still known.
  const name = path.join(folder, `${file}?${++generation}`)
  const requireBeside = createRequire(path.join(folder, file))
  const module = new (Module as unknown as new (id: string) => CommonJsModule)(name)
  module.filename = name
  module.require = (id) => (id === 'millrace' ? library : requireBeside(id))
  try {
    module._compile(code, name)
  } catch (error) {
    const where = placeIn(error, folder) ?? shown
    throw new MillraceError('ACTOR_MODULE_INVALID', `${where}: ${describeError(error)}`, { cause: error })
  }
  const found = exportsOf(module.exports).filter(isActor)
  if (found.length === 0)
    throw new MillraceError('ACTOR_MODULE_INVALID', `${shown}: exports no actor; export what defineActor gives`)
  for (const actor of found) modulesOf.set(actor, module)
  return [...new Set(found)]
}

/** `actors/double.ts:12:7`: where in the folder an error came from, by its mapped stack. */
export function placeIn(error: unknown, folder: string): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  for (const line of stack.split('\n')) {
    const [, file, place] =
      /\(?(?:file:\/\/)?(\/?[^()]+?)(?:\?\d+)?(:\d+:\d+)\)?$/.exec(line.trim().replace(/^at /, '')) ?? []
    if (file === undefined || place === undefined) continue
    const at = file.indexOf(`${folder}${path.sep}`)
    if (at >= 0) return `${path.basename(folder)}/${path.relative(folder, file.slice(at))}${place}`
  }
  return undefined
}

function exportsOf(exported: unknown): unknown[] {
  return typeof exported === 'object' && exported !== null ? Object.values(exported) : []
}

function isActor(value: unknown): value is ActorDefinition {
  if (typeof value !== 'object' || value === null) return false
  const { name, inports, outports, run, start } = value as Partial<ActorDefinition>
  const hasPorts = typeof inports === 'object' && typeof outports === 'object'
  return typeof name === 'string' && hasPorts && (typeof run === 'function' || typeof start === 'function')
}
