import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'
import envPaths from 'env-paths'
import * as v from 'valibot'
import writeFileAtomic from 'write-file-atomic'
import { MillraceError, type HomeDescription } from '../shared/index.ts'
import { readSamples, type Sample } from './samples.ts'
import { isWithin } from './trust.ts'

/** What a door can do about labs other than the one it shows. */
export interface HomeDoor {
  /** Shows a lab; throws what is wrong with its files. */
  open(file: string): Promise<void>
  /** Lets a person choose a file and shows it; absent where there is no dialog for that. */
  choose?: () => Promise<void>
  /** Files outside of this folder that were never opened before are refused; absent where any file may be opened. */
  folder?: string
}

/** A window that cannot open other labs. */
export const noDoor: HomeDoor = {
  folder: path.resolve('.'),
  open: () => Promise.reject(new MillraceError('FORBIDDEN', 'this window cannot open another lab')),
}

const recentLimit = 12
const recentSchema = v.object({ files: v.array(v.string()) })

/** Where a person finds labs: those opened before, and the samples that came with Millrace. */
export class Home {
  readonly #file: string
  readonly #samples: readonly Sample[]
  readonly #examples: string
  readonly #door: HomeDoor

  /** `examples` is the folder of the shipped labs; `stateDir` where recent files are remembered, the user's config folder by default. */
  constructor(
    door: HomeDoor,
    { examples, stateDir = envPaths('millrace', { suffix: '' }).config }: { examples: string; stateDir?: string },
  ) {
    this.#door = door
    this.#examples = examples
    this.#file = path.join(stateDir, 'recent-labs.json')
    this.#samples = readSamples(examples)
  }

  describe(): HomeDescription {
    return {
      samples: this.#samples.map(({ file: _file, ...sample }) => sample),
      recent: this.#recent().map((file) => ({
        file,
        name: path.basename(file),
        folder: path.dirname(file),
        isThere: existsSync(file),
      })),
      canChoose: this.#door.choose !== undefined,
      staysHere: this.#door.folder !== undefined,
    }
  }

  /** Shows a sample or a file. Throws `FILE_NOT_FOUND`, `FORBIDDEN`, or what is wrong with the file. */
  async open(wanted: { sample: string } | { file: string }): Promise<void> {
    if ('file' in wanted) return this.#door.open(this.#allowed(wanted.file))
    const sample = this.#samples.find(({ id }) => id === wanted.sample)
    if (!sample) throw new MillraceError('FILE_NOT_FOUND', `there is no sample "${wanted.sample}"`)
    await this.#door.open(sample.file)
  }

  /** Lets a person choose a file. Throws `FORBIDDEN` where there is no dialog for that. */
  async choose(): Promise<void> {
    if (!this.#door.choose)
      throw new MillraceError('FORBIDDEN', 'a browser window cannot choose files; name one to "millrace serve"')
    await this.#door.choose()
  }

  /** Remembers a lab that was opened, newest first; samples are listed anyway. */
  remember(file: string): void {
    const real = realpathSync(file)
    if (existsSync(this.#examples) && isWithin(real, realpathSync(this.#examples))) return
    this.#write([real, ...this.#recent().filter((other) => other !== real)])
  }

  /** Takes a file out of the list; the file itself stays. */
  forget(file: string): void {
    this.#write(this.#recent().filter((other) => other !== file))
  }

  /** Files opened before, newest first. */
  get recentFiles(): readonly string[] {
    return this.#recent()
  }

  /** The shipped labs. */
  get samples(): readonly Sample[] {
    return this.#samples
  }

  #allowed(file: string): string {
    const { folder } = this.#door
    const full = path.resolve(folder ?? '.', file)
    if (!existsSync(full)) throw new MillraceError('FILE_NOT_FOUND', `${file}: there is no such file any more`)
    const real = realpathSync(full)
    if (folder !== undefined && !isWithin(real, folder) && !this.#recent().includes(real))
      throw new MillraceError(
        'FORBIDDEN',
        `${file} lies outside of the folder that is served, and was never opened here`,
      )
    return real
  }

  #recent(): string[] {
    try {
      return v.parse(recentSchema, JSON.parse(readFileSync(this.#file, 'utf8'))).files
    } catch {
      // Not there yet, or damaged: a list of conveniences is not worth an error.
      return []
    }
  }

  #write(files: string[]): void {
    mkdirSync(path.dirname(this.#file), { recursive: true })
    const text = `${JSON.stringify({ files: files.slice(0, recentLimit) }, undefined, 2)}\n`
    writeFileAtomic.sync(this.#file, text, { mode: 0o600 })
  }
}
