import { fork } from 'node:child_process'
import {
  followOutput,
  type ChildLike,
  type HostEvents,
  type InstanceHost,
  type SpawnProcess,
} from '../instance-host.ts'
import type { FromInstance, LastWords } from '../instance-protocol.ts'

/** Runs an instance in a process of its own: it survives native crashes and memory blow-ups of its neighbours. */
export function hostInProcess(workerFile: string, name: string, spawn: SpawnProcess, events: HostEvents): InstanceHost {
  const child = spawn(workerFile, { env: environmentOfChild(), name })
  followOutput(child, events)
  let asked = false
  let isGone = false
  let lastWords: string | undefined
  const gone = new Promise<void>((resolve) => {
    child.onExit((code, signal) => {
      isGone = true
      const how = signal === undefined ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`
      const cause = lastWords === undefined ? `its process ended with ${how}` : `its process threw ${lastWords}`
      events.exit(asked ? undefined : cause)
      resolve()
    })
  })
  child.onMessage((message) => {
    const told = message as FromInstance | LastWords
    if (told.type === 'lastWords') lastWords = told.text
    else events.message(told)
  })
  return {
    isolation: 'process',
    post(message) {
      if (!isGone) child.postMessage(message)
    },
    async terminate() {
      asked = true
      if (!isGone) child.kill()
      await gone
    },
  }
}

/** Starts a Node process by `fork`. */
export const forkProcess: SpawnProcess = (file, { env }): ChildLike => {
  const child = fork(file, [], {
    env,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: ['--enable-source-maps'],
  })
  // An 'error' without a listener would end the host; the exit that follows tells the rest.
  let failure: Error | undefined
  child.on('error', (error) => (failure = error))
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    postMessage: (message) => void child.send(message as object, () => undefined),
    onMessage: (listener) => void child.on('message', listener),
    onExit(listener) {
      child.on('exit', (code, signal) => listener(code ?? undefined, signal ?? undefined))
      child.on('error', () => {
        if (child.pid === undefined) listener(undefined, failure?.message)
      })
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

/** A child gets no variables beyond those that programs need to start; what its nodes may read comes with its spec. */
function environmentOfChild(): Record<string, string> {
  const needed = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot', 'LANG', 'TZ']
  return Object.fromEntries(
    needed.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}
