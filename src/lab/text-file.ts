import { readFileSync } from 'node:fs'
import path from 'node:path'
import { MillraceError } from '../shared/index.ts'
import { isWithin } from './trust.ts'

/** Reads a text file; throws `FILE_NOT_FOUND` naming it as the user did. */
export function readTextFile(file: string, shownAs: string = file): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a folder'
          : `it cannot be read (${code ?? String(error)})`
    throw new MillraceError('FILE_NOT_FOUND', `${shownAs}: ${why}`, { cause: error })
  }
}

/** A file as a person is told of it: from here where it lies below, else with its whole path. */
export function shownPath(file: string): string {
  const here = process.cwd()
  return isWithin(file, here) ? path.relative(here, file) : file
}
