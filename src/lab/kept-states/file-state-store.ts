import { createHash } from 'node:crypto'
import path from 'node:path'
import { describeError, MillraceError } from '../../shared/index.ts'
import type { StateSnapshot, StateStore } from '../../runtime/index.ts'
import { readStateFile, writeStateFile, type ReadStateFile } from './state-file.ts'
import { diskFiles, type NewFile, type StateFiles } from './state-files.ts'

/** What is known of the two files of a key. */
interface Files {
  /** The number of the newest whole snapshot; 0 when there is none. */
  sequence: number
  /** The file that the next snapshot takes the place of: never the newest whole one. */
  next: 0 | 1
  /** Whether that file is a broken one, to be put out of the way first. */
  isNextBroken: boolean
}

/**
 * Keeps the last two states of each node as files in one folder. A new one is written beside them, brought to the disk, and only then put
 * in the place of the older of the two: at no moment is the newest whole one touched.
 */
export class FileStateStore implements StateStore {
  readonly #folder: string
  readonly #disk: StateFiles
  readonly #files = new Map<string, Files>()

  constructor(folder: string, disk: StateFiles = diskFiles) {
    this.#folder = folder
    this.#disk = disk
  }

  load(key: string): (StateSnapshot & { warning?: string }) | undefined {
    const [one, other] = this.#readBoth(key)
    for (const [slot, read] of [one, other].entries())
      if (read?.type === 'newer') {
        const wayOut = 'use that one, or move the file away to begin anew'
        throw new MillraceError(
          'FILE_VERSION',
          `${this.#fileOf(key, slot)} was written by a newer Millrace (version ${read.version}); ${wayOut}`,
        )
      }
    const { newest, slot, beside } = newestOf(one, other)
    if (newest !== undefined) {
      this.#files.set(key, {
        sequence: newest.sequence,
        next: slot === 0 ? 1 : 0,
        isNextBroken: beside?.type === 'broken',
      })
      if (beside?.type !== 'broken') return newest.snapshot
      return { ...newest.snapshot, warning: warningOf(newest, beside, this.#fileOf(key, slot === 0 ? 1 : 0)) }
    }
    const broken = [one, other].flatMap((read, index) =>
      read?.type === 'broken' ? [`${this.#fileOf(key, index)}: ${read.why}`] : [],
    )
    if (broken.length > 0) throw new MillraceError('STATE_BROKEN', broken.join('; '))
    this.#files.set(key, { sequence: 0, next: 0, isNextBroken: false })
    return undefined
  }

  async save(key: string, snapshot: StateSnapshot): Promise<void> {
    const files = this.#filesOf(key)
    const file = this.#fileOf(key, files.next)
    const fresh = `${file}.new`
    try {
      await this.#disk.makeFolder(this.#folder)
      await this.#write(fresh, writeStateFile({ ...snapshot, sequence: files.sequence + 1 }))
      if (files.isNextBroken) await this.#disk.rename(file, `${file}.broken`)
      files.isNextBroken = false
      await this.#disk.rename(fresh, file)
      files.sequence++
      files.next = files.next === 0 ? 1 : 0
      await this.#disk.syncFolder(this.#folder)
    } catch (error) {
      throw new MillraceError('STATE_NOT_KEPT', `cannot write ${file}: ${describeError(error)}`, { cause: error })
    }
  }

  setAside(key: string): string {
    const places: string[] = []
    for (const slot of [0, 1]) {
      const file = this.#fileOf(key, slot)
      if (this.#disk.read(file) === undefined) continue
      this.#disk.renameNow(file, `${file}.aside`)
      places.push(`${file}.aside`)
    }
    this.#files.delete(key)
    return places.join(' and ')
  }

  forget(key: string): void {
    for (const slot of [0, 1]) this.#disk.remove(this.#fileOf(key, slot))
    this.#files.delete(key)
  }

  async #write(file: string, bytes: Uint8Array): Promise<void> {
    const handle: NewFile = await this.#disk.create(file)
    try {
      await handle.write(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
  }

  /** What is in the files counts, also for a key that nobody has loaded yet. */
  #filesOf(key: string): Files {
    if (!this.#files.has(key)) this.load(key)
    const files = this.#files.get(key)
    if (files === undefined) throw new Error(`nothing is known of the files of "${key}"`)
    return files
  }

  #readBoth(key: string): [ReadStateFile | undefined, ReadStateFile | undefined] {
    const read = (slot: number) => {
      const bytes = this.#disk.read(this.#fileOf(key, slot))
      return bytes && readStateFile(bytes)
    }
    return [read(0), read(1)]
  }

  /** A name that every disk takes, which a person still knows again; the sum tells apart what looks alike. */
  #fileOf(key: string, slot: number): string {
    const readable = key.replace(/[^a-zA-Z0-9_-]+/g, '-').slice(0, 40)
    const sum = createHash('sha256').update(key).digest('hex').slice(0, 12)
    return path.join(this.#folder, `${readable}.${sum}.${slot}.state`)
  }
}

type Whole = Extract<ReadStateFile, { type: 'whole' }>
type Broken = Extract<ReadStateFile, { type: 'broken' }>

function newestOf(
  one: ReadStateFile | undefined,
  other: ReadStateFile | undefined,
): { newest: Whole | undefined; slot: 0 | 1; beside: ReadStateFile | undefined } {
  const isWhole = (read: ReadStateFile | undefined): read is Whole => read?.type === 'whole'
  if (isWhole(one) && (!isWhole(other) || one.sequence > other.sequence)) return { newest: one, slot: 0, beside: other }
  return { newest: isWhole(other) ? other : undefined, slot: 1, beside: one }
}

/** Says what is lost with a broken file: what it says of itself is believed only where two of its fields agree. */
function warningOf({ sequence, snapshot }: Whole, { why, hint }: Broken, file: string): string {
  const isOlder = hint?.sequence === sequence - 1 && hint.savedAtMs <= snapshot.savedAtMs
  if (isOlder) return `the one before it is broken, and nothing is lost (${file}: ${why})`
  return `a newer one is broken, and what came after this one is lost (${file}: ${why})`
}
