import { open } from 'node:fs/promises'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError } from '../shared/index.ts'
import { filePath } from './access.ts'
import { choice, count, duration } from './fields.ts'
import { pause } from './pause.ts'

const config = v.object({
  file: v.pipe(filePath(), v.description('the file; it may come later')),
  from: v.optional(choice(['end', 'start'], 'whether only what is added counts, or what is there as well'), 'end'),
  everyMs: v.optional(duration('how often it looks whether something was added'), 200),
  maxLineBytes: v.optional(count('longer lines are cut into pieces', { most: 16 * 1024 * 1024 }), 1024 * 1024),
})

const stepBytes = 64 * 1024

/** Follows a file that grows, line by line, as `tail -F` does; one that was cut or replaced is read from its start. It reads on only as lines are taken. */
export const fileTail = defineActor({
  name: 'FileTail',
  description: 'Emits each line that is added to a file.',
  outports: { Output: { kind: 'string', capacity: 1 } },
  config,
  async start({ config: { file, from, everyMs, maxLineBytes }, out, log, signal }) {
    let rest = Buffer.alloc(0)
    let place = { inode: -1, offset: 0 }
    const readOn = async () => {
      const handle = await open(file).catch(() => undefined)
      // It may be gone for a moment while it is replaced.
      if (handle === undefined) return
      try {
        const { size, ino } = await handle.stat()
        if (ino !== place.inode || size < place.offset) {
          place = { inode: ino, offset: 0 }
          rest = Buffer.alloc(0)
        }
        const step = Buffer.alloc(stepBytes)
        while (!signal.aborted) {
          const { bytesRead } = await handle.read(step, 0, stepBytes, place.offset)
          if (bytesRead === 0) return
          place.offset += bytesRead
          await emitLines(Buffer.concat([rest, step.subarray(0, bytesRead)]))
        }
      } finally {
        await handle.close()
      }
    }
    const emitLines = async (bytes: Buffer) => {
      let begin = 0
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, begin)) {
        await out.Output.send(bytes.toString('utf8', begin, end).replace(/\r$/, ''))
        begin = end + 1
      }
      rest = Buffer.from(bytes.subarray(begin))
      if (rest.length < maxLineBytes) return
      await out.Output.send(rest.toString())
      rest = Buffer.alloc(0)
    }
    const handle = await open(file).catch(() => undefined)
    if (handle !== undefined) {
      const { size, ino } = await handle.stat()
      place = { inode: ino, offset: from === 'end' ? size : 0 }
      await handle.close()
    }
    const follow = async () => {
      for (;;) {
        await readOn().catch((error: unknown) => {
          if (!signal.aborted) log.error(`cannot follow ${file}: ${describeError(error)}`)
        })
        // Looking is what works on every file system, also for a file whose folder is not there yet.
        if (!(await pause(everyMs, signal))) return
      }
    }
    void follow()
  },
})
