import { fork } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { describeError, MillraceError } from '../../shared/index.ts'
import { describeActors } from '../actor-catalogue.ts'
import type { InstanceHost, HostEvents } from '../instance-host.ts'
import { hostInThread } from '../instance-host/thread.ts'
import { nodePlatform } from '../node-platform.ts'
import { evaluateModule, loadLibrary } from './evaluate.ts'
import type { BundledActors, DescribedModule } from './module.ts'

const patienceMs = 10_000

/** Evaluates modules and describes their actors; to be called in a thread or process of its own. */
export async function describeModules(bundle: BundledActors): Promise<DescribedModule[]> {
  const library = await loadLibrary(bundle)
  return bundle.modules.map((module) => {
    try {
      return { file: module.file, actors: describeActors(evaluateModule(module, bundle.folder, library)) }
    } catch (error) {
      return { file: module.file, actors: [], error: describeError(error) }
    }
  })
}

/**
 * Describes trusted modules, in a thread that is ended afterwards; it starts while they are still being bundled, which takes about
 * as long. Throws `ACTOR_MODULE_INVALID` when they take too long, and what kept them from being bundled.
 */
export async function describeInThread(workerFile: string, bundle: Promise<BundledActors>): Promise<DescribedModule[]> {
  return await describeIn((events) => hostInThread(workerFile, 'own actors', events), bundle)
}

/**
 * Describes modules that nobody has trusted: in a process that may read Millrace and nothing else, write nothing and start nothing
 * (Node's permission model), with no environment. It is ended afterwards.
 */
export async function describeInSandbox(workerFile: string, bundle: BundledActors): Promise<DescribedModule[]> {
  if (bundle.modules.length === 0) return []
  return await describeIn((events) => hostInSandbox(workerFile, events), Promise.resolve(bundle))
}

async function describeIn(
  makeHost: (events: HostEvents) => InstanceHost,
  bundling: Promise<BundledActors>,
): Promise<DescribedModule[]> {
  let host: InstanceHost | undefined
  let cancel = () => {}
  try {
    return await new Promise<DescribedModule[]>((resolve, reject) => {
      let files = 'being bundled'
      const refuse = (why: string) =>
        reject(new MillraceError('ACTOR_MODULE_INVALID', `the own actors (${files}) cannot be loaded: ${why}`))
      cancel = nodePlatform.after(patienceMs, () => refuse(`it takes longer than ${patienceMs / 1_000} s`))
      host = makeHost({
        message(message) {
          if (message.type === 'loaded')
            void bundling.then((bundle) => host?.post({ type: 'describe', bundle }), reject)
          if (message.type === 'described') resolve(message.modules)
        },
        output: () => undefined,
        exit: (cause) => refuse(cause ?? 'the thread ended'),
      })
      const bundled = async () => {
        const { modules } = await bundling
        files = modules.map(({ file }) => file).join(', ')
        if (modules.length === 0) resolve([])
      }
      bundled().catch(reject)
    })
  } finally {
    cancel()
    await host?.terminate()
  }
}

function hostInSandbox(workerFile: string, events: HostEvents): InstanceHost {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission'
  const child = fork(workerFile, [], {
    env: {},
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [
      permission,
      '--no-warnings',
      ...readable(workerFile).map((folder) => `--allow-fs-read=${folder}${path.sep}*`),
    ],
  })
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      events.exit(`its process ended with exit code ${String(code)}`)
      resolve()
    })
    child.once('error', (error) => {
      events.exit(error.message)
      if (child.pid === undefined) resolve()
    })
  })
  child.on('message', (message) => events.message(message as Parameters<HostEvents['message']>[0]))
  return {
    isolation: 'process',
    post: (message) => void child.send(message, () => undefined),
    async terminate() {
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** The folders of Millrace's own code and of the packages it uses. */
function readable(workerFile: string): string[] {
  const packages = createRequire(workerFile).resolve('valibot')
  const folders = [
    path.resolve(path.dirname(workerFile), '../..'),
    packages.slice(0, packages.lastIndexOf('node_modules') + 12),
  ]
  return [...new Set(folders.flatMap((folder) => [folder, realpathSync(folder)]))]
}
