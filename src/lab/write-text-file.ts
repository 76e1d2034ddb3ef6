import path from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { MillraceError } from '../shared/index.ts'

/** Writes a text file whole or not at all. Throws `FILE_NOT_FOUND` naming it and why it cannot be written. */
export function writeTextFile(file: string, text: string): void {
  try {
    writeFileAtomic.sync(file, text)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why =
      code === 'ENOENT' ? `there is no folder ${path.dirname(file)}` : `it cannot be written (${code ?? String(error)})`
    throw new MillraceError('FILE_NOT_FOUND', `${file}: ${why}`, { cause: error })
  }
}
