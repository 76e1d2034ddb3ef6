import { watch as watchFiles } from 'chokidar'
import { existsSync } from 'node:fs'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError, MillraceError } from '../shared/index.ts'
import { filePath } from './access.ts'
import { count, flag } from './fields.ts'

const config = v.object({
  path: v.pipe(filePath({ access: 'watch' }), v.description('a file or a folder')),
  initial: v.optional(flag('whether what is there at the start is told as added'), false),
  depth: v.optional(count('levels of folders below it', { least: 0, most: 50 }), 0),
})

const mostWaiting = 10_000

/** Tells what changes in a folder or file. While nobody takes its messages, only the last change of each file waits. */
export const fileWatch = defineActor({
  name: 'FileWatch',
  description: 'Tells when files below a path are added, changed or removed.',
  outports: { Output: { kind: 'object', capacity: 1, description: '{event: add | change | unlink, path, bytes}' } },
  config,
  async start({ config: { path, initial, depth }, out, log, gauge, signal }) {
    const waiting = new Map<string, { event: string; path: string; bytes: number }>()
    let missed = 0
    let isEmitting = false
    const emit = async () => {
      isEmitting = true
      try {
        for (let [next] = waiting; next !== undefined && !signal.aborted; [next] = waiting) {
          waiting.delete(next[0])
          await out.Output.send(next[1])
        }
      } finally {
        isEmitting = false
      }
    }
    if (!existsSync(path)) throw new MillraceError('FILE_NOT_FOUND', `cannot watch ${path}: it is not there`)
    const watcher = watchFiles(path, { ignoreInitial: !initial, depth, alwaysStat: true })
    watcher.on('all', (event, file, stats) => {
      if (event !== 'add' && event !== 'change' && event !== 'unlink') return
      if (waiting.size >= mostWaiting && !waiting.has(file)) return gauge('missed', ++missed)
      waiting.set(file, { event, path: file, bytes: stats?.size ?? 0 })
      if (!isEmitting) emit().catch((error: unknown) => log.error(describeError(error)))
    })
    watcher.on('error', (error) => log.error(`cannot watch ${path}: ${describeError(error)}`))
    await new Promise<void>((resolve) => watcher.once('ready', () => resolve()))
    return () => watcher.close()
  },
})
