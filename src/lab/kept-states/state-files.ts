import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { mkdir, open, rename, type FileHandle } from 'node:fs/promises'

/** A file that is being written. */
export interface NewFile {
  write(bytes: Uint8Array): Promise<void>
  /** Done when what was written outlives a loss of power. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** What keeping states does with a disk, step by step, so that tests can fail and end each. Paths are absolute. */
export interface StateFiles {
  /** `undefined` when there is no such file. */
  read(file: string): Uint8Array | undefined
  makeFolder(folder: string): Promise<void>
  /** Makes a file, or empties it. */
  create(file: string): Promise<NewFile>
  /** Puts a file in the place of another, in one step. */
  rename(from: string, to: string): Promise<void>
  /** Done when the names in a folder outlive a loss of power. */
  syncFolder(folder: string): Promise<void>
  renameNow(from: string, to: string): void
  remove(file: string): void
}

/** The disk. */
export const diskFiles: StateFiles = {
  read(file) {
    try {
      return readFileSync(file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  },
  async makeFolder(folder) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  },
  async create(file) {
    // Payloads of messages may be in it, so it is for its owner alone.
    return newFile(await open(file, 'w', 0o600))
  },
  rename,
  async syncFolder(folder) {
    // Windows knows no such thing, and needs none.
    if (process.platform === 'win32') return
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  renameNow(from, to) {
    if (existsSync(from)) renameSync(from, to)
  },
  remove: (file) => rmSync(file, { force: true }),
}

function newFile(handle: FileHandle): NewFile {
  return {
    async write(bytes) {
      await handle.writeFile(bytes)
    },
    sync: () => handle.sync(),
    close: () => handle.close(),
  }
}
