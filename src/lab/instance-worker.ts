import { parentPort, Worker } from 'node:worker_threads'
import { isMillraceError } from '../shared/index.ts'
import type { FromInstance, LastWords, ToInstance } from './instance-protocol.ts'
import { runInstance } from './instance-runner.ts'

// The one entry of the thread or process that an instance runs in.

interface Line {
  post(message: FromInstance | LastWords): void
  onMessage(listener: (message: ToInstance) => void): void
}

interface UtilityProcess {
  parentPort?: {
    postMessage(message: unknown): void
    on(event: 'message', listener: (event: { data: ToInstance }) => void): void
  }
}

const line = lineToLab()
const runner = runInstance((message) => line.post(message))
line.onMessage((message) => runner.receive(message))

// What an actor logged just before it brought this thread or process down tells most about why.
process.on('uncaughtExceptionMonitor', (error) => {
  runner.flush()
  // Of a thread its host hears by itself.
  if (parentPort === null) line.post({ type: 'lastWords', text: reasonOf(error) })
})
// A rejection that nobody handled is a fault of an actor: name it and go on, as one bad guest does not spoil the house.
process.on('unhandledRejection', (reason) => runner.report(`an actor left a promise that failed: ${reasonOf(reason)}`))
line.post({ type: 'loaded' })

function lineToLab(): Line {
  if (parentPort !== null) {
    const port = parentPort
    return { post: (message) => port.postMessage(message), onMessage: (listener) => void port.on('message', listener) }
  }
  const utility = (process as unknown as UtilityProcess).parentPort
  if (utility !== undefined) {
    return {
      post: (message) => utility.postMessage(message),
      onMessage: (listener) => utility.on('message', (event) => listener(event.data)),
    }
  }
  endWithParent()
  return {
    post(message) {
      if (process.connected === true) process.send?.(message, undefined, undefined, () => undefined)
    },
    onMessage: (listener) => void process.on('message', (message) => listener(message as ToInstance)),
  }
}

/** Without its lab nobody would ever stop this process. A thread of its own notices that even while an actor loops for ever. */
function endWithParent(): void {
  // What only describes own actors may not start threads; it is ended in any case.
  if (process.permission !== undefined) return
  process.on('disconnect', () => process.exit(0))
  const parent = process.ppid
  const watch = `setInterval(() => process.ppid === ${parent} || process.kill(process.pid, 'SIGKILL'), 1000)`
  new Worker(watch, { eval: true, env: {} }).unref()
}

function reasonOf(reason: unknown): string {
  if (isMillraceError(reason)) return `${reason.message} [${reason.code}]`
  return reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason)
}
