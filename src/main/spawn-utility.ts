import { utilityProcess } from 'electron'
import type { SpawnProcess } from '../lab/index.ts'

/** Starts an instance in one of Electron's utility processes, since its binary may not run as plain Node. */
export const spawnUtility: SpawnProcess = (file, { env, name }) => {
  const child = utilityProcess.fork(file, [], { env, serviceName: `millrace ${name}`, stdio: 'pipe' })
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    postMessage: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.on('exit', (code) => listener(code, undefined)),
    kill() {
      // Before it has spawned, killing does nothing.
      if (!child.kill()) child.once('spawn', () => void child.kill())
    },
  }
}
