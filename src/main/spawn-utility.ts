import { utilityProcess } from 'electron'
import { constants } from 'node:os'
import type { SpawnProcess } from '../lab/index.ts'

/** Starts an instance in one of Electron's utility processes, since its binary may not run as plain Node. */
export const spawnUtility: SpawnProcess = (file, { env, name }) => {
  const child = utilityProcess.fork(file, [], { env, serviceName: `millrace ${name}`, stdio: 'pipe' })
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    postMessage: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.on('exit', (code) => listener(code, signalOf(code))),
    kill() {
      // Before it has spawned, killing does nothing.
      if (!child.kill()) child.once('spawn', () => void child.kill())
    },
  }
}

/** Electron 33 tells the number of a signal as an exit code where there are signals: which of the two it was cannot be known. */
function signalOf(code: number): string | undefined {
  if (process.platform === 'win32') return undefined
  const deadly = ['SIGILL', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGKILL', 'SIGSEGV', 'SIGTERM'] as const
  const name = deadly.find((signal) => constants.signals[signal] === code)
  return name && `${name}, or exit code ${code}`
}
