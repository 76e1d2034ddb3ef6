import { mkdir, open, writeFile, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError, MillraceError } from '../shared/index.ts'
import { filePath } from './access.ts'
import { choice, flag } from './fields.ts'
import { textOf } from './text-of.ts'

const config = v.object({
  file: v.pipe(filePath({ access: 'write' }), v.description('the file; its folder is made')),
  mode: v.optional(
    choice(['append', 'replace'], 'whether messages are added, or each replaces what is there'),
    'append',
  ),
  newline: v.optional(flag('whether each message ends with a line break'), true),
})

/** Writes messages to a file, one after the other; the next when the last has been written. */
export const fileWrite = defineActor({
  name: 'FileWrite',
  description: 'Writes each message to a file: text and bytes as they are, else JSON.',
  inports: { Input: {} },
  outports: { Done: { kind: 'object', description: '{file, bytes}' } },
  config,
  state: () => ({ handle: undefined as FileHandle | undefined }),
  start:
    ({ state }) =>
    async () => {
      await state.handle?.close()
      state.handle = undefined
    },
  async run({ inputs, config: { file, mode, newline }, state }) {
    const body = Buffer.from(textOf(inputs.Input))
    const bytes = newline ? Buffer.concat([body, Buffer.from('\n')]) : body
    try {
      if (state.handle === undefined) await mkdir(path.dirname(file), { recursive: true })
      if (mode === 'replace') await writeFile(file, bytes)
      else {
        state.handle ??= await open(file, 'a')
        await state.handle.appendFile(bytes)
      }
      return { Done: { file, bytes: bytes.length } }
    } catch (cause) {
      throw new MillraceError('FILE_NOT_FOUND', `cannot write ${file}: ${describeError(cause)}`, { cause })
    }
  },
})
