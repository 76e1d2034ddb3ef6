import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { askElk, layoutInput, layoutResult, type LayoutRequest, type Positions } from '../graph/index.ts'
import { MillraceError } from '../shared/index.ts'

/** elkjs ships a web worker; in Node its class stands in for one. This puts it into a thread of its own. */
const threadSource = `
const { parentPort, workerData } = require('node:worker_threads')
const { Worker } = require(workerData)
const elk = new Worker('elk')
elk.onmessage = ({ data }) => {
  const { error } = data
  parentPort.postMessage(error ? { id: data.id, error: String(error.message ?? error) } : data)
}
parentPort.on('message', (message) => elk.postMessage(message))
`
/** ELK recurses along a graph; the stack of a thread is a quarter of what a long chain needs. */
const stackSizeMb = 48
const tellEveryMs = 250

/** How a layout can be watched and ended. */
export interface LayoutOptions {
  /** Ends it: the thread is terminated, and the layout rejects with `CANCELLED`. */
  signal?: AbortSignal | undefined
  /** Called four times a second with the time since the beginning. */
  onElapsed?: (elapsedMs: number) => void
}

/**
 * Lays a graph out in a thread of its own.
 * @throws MillraceError `CANCELLED`; `LAYOUT_FAILED` when ELK gives up.
 */
export async function layoutGraph(
  request: LayoutRequest,
  { signal, onElapsed }: LayoutOptions = {},
): Promise<{ positions: Positions; elapsedMs: number }> {
  if (signal?.aborted) throw cancelled()
  const begun = performance.now()
  const worker = new Worker(threadSource, {
    eval: true,
    workerData: createRequire(import.meta.url).resolve('elkjs/lib/elk-worker.min.js'),
    resourceLimits: { stackSizeMb },
  })
  const telling = setInterval(() => onElapsed?.(performance.now() - begun), tellEveryMs)
  let onAbort: () => void = () => undefined
  try {
    const ended = new Promise<never>((_, reject) => {
      onAbort = () => reject(cancelled())
      signal?.addEventListener('abort', onAbort)
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('its thread ended')))
    })
    const port = {
      post: (message: unknown) => worker.postMessage(message),
      onMessage: (listener: (message: unknown) => void) => void worker.on('message', listener),
    }
    const answer = await Promise.race([askElk(port, layoutInput(request)), ended])
    return { positions: layoutResult(request, answer), elapsedMs: performance.now() - begun }
  } catch (error) {
    if (error instanceof MillraceError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new MillraceError('LAYOUT_FAILED', `the graph cannot be laid out: ${reason}`, { cause: error })
  } finally {
    clearInterval(telling)
    signal?.removeEventListener('abort', onAbort)
    await worker.terminate()
  }
}

function cancelled(): MillraceError {
  return new MillraceError('CANCELLED', 'the layout was cancelled; nothing was changed')
}
