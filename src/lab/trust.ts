import { readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'
import * as v from 'valibot'
import writeFileAtomic from 'write-file-atomic'
import { mkdirSync } from 'node:fs'
import envPaths from 'env-paths'
import { MillraceError } from '../shared/index.ts'

const trustFileSchema = v.object({ folders: v.array(v.string()) })

/** Remembers, outside of every lab's folder, which folders a person has trusted to run. */
export class TrustStore {
  readonly #file: string

  constructor(stateDir: string = envPaths('millrace', { suffix: '' }).config) {
    this.#file = path.join(stateDir, 'trusted-folders.json')
  }

  /** Whether this folder, or one above it, has been trusted. */
  isTrusted(folder: string): boolean {
    const real = realpathSync(folder)
    return this.#folders().some((trusted) => isWithin(real, trusted))
  }

  /** Trusts folders for good. */
  trust(trusted: readonly string[]): void {
    const folders = new Set([...this.#folders(), ...trusted.map((folder) => realpathSync(folder))])
    mkdirSync(path.dirname(this.#file), { recursive: true })
    writeFileAtomic.sync(this.#file, `${JSON.stringify({ folders: [...folders].sort() }, undefined, 2)}\n`, {
      mode: 0o600,
    })
  }

  #folders(): string[] {
    let text: string
    try {
      text = readFileSync(this.#file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw new MillraceError('FILE_INVALID', `cannot read the list of trusted folders, ${this.#file}`, {
        cause: error,
      })
    }
    try {
      return v.parse(trustFileSchema, JSON.parse(text)).folders
    } catch (error) {
      throw new MillraceError(
        'FILE_INVALID',
        `the list of trusted folders, ${this.#file}, is damaged; remove it and trust your folders again`,
        {
          cause: error,
        },
      )
    }
  }
}

/** Whether a path lies in a folder or is it. */
export function isWithin(file: string, folder: string): boolean {
  const relative = path.relative(folder, file)
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative))
}
