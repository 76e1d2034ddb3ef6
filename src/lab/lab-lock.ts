import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as v from 'valibot'
import { describeError, MillraceError } from '../shared/index.ts'
import { defaultStatesFolder } from './kept-states/states-folder.ts'
import type { LabOptions } from './lab-options.ts'
import type { LabSource } from './lab-source.ts'

const holderSchema = v.object({
  pid: v.number(),
  /** When that process began, as the system counts it: another may have its number by now. */
  began: v.optional(v.string()),
  door: v.string(),
  sinceMs: v.number(),
})
type Holder = v.InferOutput<typeof holderSchema>

/** What a lock is about. */
export interface LabLockOptions {
  /** The lock's own file; its folder is made. */
  file: string
  /** The lab, as a person is told. */
  shown: string
  /** What of it listens where, such as `port 9001 of data_instance/data_001`. */
  ports: readonly string[]
  door: string
  /** Is told when nobody can say whether the lab runs elsewhere, as on a disk that cannot be written. */
  warn: (text: string) => void
  /** Begins what lasts as long as the lock is held; returns its end. */
  whileHeld?: (file: string) => () => void
}

/**
 * Keeps a lab from being run by two processes at once, which would want the same ports and keep the same states. A process that was
 * ended by force leaves its lock behind: the next one sees that it is gone and takes it over.
 */
export class LabLock {
  readonly #options: LabLockOptions
  #isHeld = false
  #end: (() => void) | undefined

  constructor(options: LabLockOptions) {
    this.#options = options
  }

  /** Takes it, if it is not taken yet. Throws `LAB_IN_USE` while another process that lives has it. */
  take(): void {
    if (this.#isHeld) return
    const { file, door } = this.#options
    const own: Holder = { pid: process.pid, began: beginningOf(process.pid), door, sinceMs: Date.now() }
    const draft = `${file}.${process.pid}`
    try {
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(draft, JSON.stringify(own))
      this.#isHeld = this.#link(draft) || (this.#clearAway(draft) && this.#link(draft))
    } catch (error) {
      if (error instanceof MillraceError) throw error
      return this.#options.warn(`nobody can tell whether this lab runs elsewhere: ${describeError(error)}`)
    } finally {
      rmSync(draft, { force: true })
    }
    if (!this.#isHeld) this.#refuse(readHolder(file))
    this.#end = this.#options.whileHeld?.(file)
  }

  /** Lets it go; may be called at any time. */
  release(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#end?.()
    if (readHolder(this.#options.file)?.pid === process.pid) rmSync(this.#options.file, { force: true })
  }

  /** Puts our file in its place, whole or not at all; false when there is one. */
  #link(draft: string): boolean {
    try {
      linkSync(draft, this.#options.file)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  }

  /** Takes away what a process that is gone has left; throws while it lives. */
  #clearAway(draft: string): boolean {
    const { file } = this.#options
    const before = readHolder(file)
    if (before && isAlive(before)) this.#refuse(before)
    const aside = `${draft}.stale`
    try {
      renameSync(file, aside)
    } catch (error) {
      // Another one that starts now was quicker.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
      throw error
    }
    const moved = readHolder(aside)
    // It was not the one that we had looked at: somebody has just taken it.
    if (moved && isAlive(moved)) {
      renameSync(aside, file)
      this.#refuse(moved)
    }
    rmSync(aside, { force: true })
    return true
  }

  #refuse(holder: Holder | undefined): never {
    const who = holder
      ? `process ${holder.pid} (${holder.door}) has run it since ${new Date(holder.sinceMs).toISOString()}`
      : 'another process has just begun to run it'
    const { shown, ports } = this.#options
    const has = ports.length === 0 ? '' : ` and has ${ports.join(', ')}`
    throw new MillraceError(
      'LAB_IN_USE',
      `${shown} runs already${has}: ${who}; stop it there, or give this one ports of its own with --port-base`,
    )
  }
}

/** The lock of a lab; `undefined` where two may run side by side. */
export function lockOf(
  source: LabSource,
  { file, portBase, stateDir, door }: Pick<LabOptions, 'file' | 'portBase' | 'stateDir' | 'door'>,
  { warn, whileHeld }: Pick<LabLockOptions, 'warn' | 'whileHeld'>,
): LabLock | undefined {
  if (!source.canRunOnceOnly) return undefined
  return new LabLock({
    file: lockFileOf(file, portBase, stateDir),
    shown: file,
    ports: source.instances.flatMap(({ name, bindPort }) => (bindPort > 0 ? [`port ${bindPort} of ${name}`] : [])),
    door: door === 'none' ? 'without a window' : `shown in the ${door}`,
    warn,
    ...(whileHeld && { whileHeld }),
  })
}

/** Where the lock of a lab lies. */
export function lockFileOf(file: string, portBase: number | undefined, stateDir?: string): string {
  return `${defaultStatesFolder(file, portBase, stateDir)}.lock`
}

function readHolder(file: string): Holder | undefined {
  try {
    const reading = v.safeParse(holderSchema, JSON.parse(readFileSync(file, 'utf8')))
    return reading.success ? reading.output : undefined
  } catch {
    // Gone, or damaged: nobody holds it.
    return undefined
  }
}

/** Another lab of this very process does not count: it is the same window, or the next one of a test. */
function isAlive({ pid, began }: Holder): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = beginningOf(pid)
  return began === undefined || now === undefined ? now !== 'ended' : now === began
}

/** When a process began, where the system tells it (Linux); `ended` for one that only waits to be forgotten. */
function beginningOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold anything, so what counts is what comes behind it: the state first, the beginning as the 20th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'ended' : fields[19]
  } catch {
    return undefined
  }
}
