import { Worker } from 'node:worker_threads'
import { followOutput, type HostEvents, type InstanceHost } from '../instance-host.ts'
import type { FromInstance } from '../instance-protocol.ts'

/** Runs an instance in a worker thread: it contains throws, endless loops and ordinary heap growth, not native crashes. */
export function hostInThread(workerFile: string, name: string, events: HostEvents): InstanceHost {
  const worker = new Worker(workerFile, { name, env: {}, stdout: true, stderr: true })
  followOutput(worker, events)
  let asked = false
  let cause: string | undefined
  worker.on('message', (message: FromInstance) => events.message(message))
  worker.on('error', (error) => (cause = describeCrash(error)))
  worker.on('exit', (code) =>
    events.exit(asked && cause === undefined ? undefined : (cause ?? `its thread ended with exit code ${code}`)),
  )
  return {
    isolation: 'thread',
    post: (message) => worker.postMessage(message),
    async terminate() {
      asked = true
      await worker.terminate()
    },
  }
}

function describeCrash(error: unknown): string {
  if (!(error instanceof Error)) return `its thread threw ${String(error)}`
  const outOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return outOfMemory ? 'its thread ran out of memory' : `its thread threw ${error.name}: ${error.message}`
}
