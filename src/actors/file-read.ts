import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError, MillraceError } from '../shared/index.ts'
import { filePath } from './access.ts'
import { choice, count } from './fields.ts'

const config = v.object({
  file: v.pipe(filePath(), v.description('the file')),
  as: v.optional(
    choice(['text', 'lines', 'bytes', 'chunks'], 'one message: text or bytes; or many: lines or chunks of bytes'),
    'text',
  ),
  maxBytes: v.optional(
    count('a larger file is refused where it becomes one message', { most: 512 * 1024 * 1024 }),
    16 * 1024 * 1024,
  ),
  chunkBytes: v.optional(count('the size of chunks', { most: 1024 * 1024 }), 64 * 1024),
})

/** Reads a file whenever it is triggered. Lines and chunks are read as they are taken, whatever the size of the file. */
export const fileRead = defineActor({
  name: 'FileRead',
  description: 'Reads a file for each message: whole, by lines, or by chunks; then says so at Done.',
  inports: { Trigger: { capacity: 100 } },
  outports: { Output: {}, Done: { kind: 'object', description: '{file, bytes, messages}' } },
  config,
  async run({ config: { file, as, maxBytes, chunkBytes }, out, signal, reject }) {
    try {
      const { size } = await stat(file)
      if ((as === 'text' || as === 'bytes') && size > maxBytes)
        return reject(`${file} has ${size} bytes, and at most ${maxBytes} are read at once; read it as lines or chunks`)
      const stream = createReadStream(file, {
        highWaterMark: as === 'chunks' ? chunkBytes : 64 * 1024,
        signal: signal as globalThis.AbortSignal,
      })
      let messages = 0
      const emit = async (value: unknown) => {
        messages += 1
        await out.Output.send(value)
      }
      if (as === 'lines')
        for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) await emit(line)
      else if (as === 'chunks')
        for await (const chunk of stream as AsyncIterable<Buffer>) await emit(new Uint8Array(chunk))
      else {
        const bytes = Buffer.concat((await stream.toArray()) as Buffer[])
        await emit(as === 'text' ? bytes.toString() : new Uint8Array(bytes))
      }
      return { Done: { file, bytes: size, messages } }
    } catch (cause) {
      if (signal.aborted) return reject('the node stopped while it read')
      throw new MillraceError('FILE_NOT_FOUND', `cannot read ${file}: ${describeError(cause)}`, { cause })
    }
  },
})
