import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildFailure, Message, Plugin } from 'esbuild'
import { MillraceError } from '../../shared/index.ts'
import type { BundledModule } from './module.ts'

const moduleName = /^[^.].*\.(?:[mc]?ts|[mc]?js)$/
const noModule = /\.d\.[mc]?ts$|\.(?:test|spec)\.[mc]?[jt]s$/

/** What came of bundling one module. */
export type Bundling = BundledModule | { file: string; error: string }

/** The modules of a folder of own actors, by name; folders below it are for what they import. Throws `FILE_NOT_FOUND`. */
export function modulesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && moduleName.test(entry.name) && !noModule.test(entry.name))
      .map(({ name }) => name)
      .sort()
  } catch (cause) {
    throw new MillraceError('FILE_NOT_FOUND', `cannot read the folder of own actors, ${folder}: check "actors"`, {
      cause,
    })
  }
}

/** Bundles every module of a folder of own actors on its own, so that one that is broken spoils no other. */
export async function bundleActors(folder: string): Promise<Bundling[]> {
  return await Promise.all(modulesIn(folder).map((file) => bundleModule(folder, file)))
}

async function bundleModule(folder: string, file: string): Promise<Bundling> {
  // Loaded when it is needed: most labs have no actors of their own, and esbuild starts a process.
  const { build } = await import('esbuild')
  const entry = path.join(folder, file)
  try {
    const { outputFiles } = await build({
      absWorkingDir: folder,
      entryPoints: [entry],
      bundle: true,
      write: false,
      // CommonJS code can be evaluated without a module cache that would hold every old version for ever.
      format: 'cjs',
      platform: 'node',
      target: 'node20.18',
      external: ['millrace'],
      plugins: [valibotOfMillrace],
      define: {
        'import.meta.url': JSON.stringify(pathToFileURL(entry).href),
        'import.meta.filename': JSON.stringify(entry),
        'import.meta.dirname': JSON.stringify(folder),
      },
      sourcemap: 'inline',
      sourcesContent: false,
      outdir: folder,
      logLevel: 'silent',
    })
    return { file, code: outputFiles[0]?.text ?? '' }
  } catch (error) {
    const [first, ...more] = (error as BuildFailure).errors ?? []
    if (first === undefined) throw error
    return { file, error: describe(first, folder, file) + (more.length > 0 ? ` (and ${more.length} more)` : '') }
  }
}

/** `actors/double.ts:3:14: what is wrong` */
function describe({ text, location }: Message, folder: string, file: string): string {
  const name = path.basename(folder)
  if (location === null) return `${name}/${file}: ${text}`
  return `${name}/${location.file}:${location.line}:${location.column + 1}: ${text}`
}

/** A folder beside a lab rarely has packages of its own: `valibot`, which configs are made with, is then Millrace's. */
const valibotOfMillrace: Plugin = {
  name: 'valibot-of-millrace',
  setup(build) {
    const once = Symbol('asked already')
    build.onResolve({ filter: /^valibot$/ }, async ({ importer, resolveDir, kind, pluginData }) => {
      if (pluginData === once) return undefined
      const own = await build.resolve('valibot', { importer, resolveDir, kind, pluginData: once })
      return own.errors.length === 0 ? own : { path: createRequire(import.meta.url).resolve('valibot') }
    })
  },
}
