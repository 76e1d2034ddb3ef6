import type { Console } from './console.ts'
import type { Installation } from './installation.ts'

/** What every command gets; it answers by `exit`. */
export interface CommandContext {
  console: Console
  installation: Installation
  /** Sets the exit code: 0 done, 1 the input or the work failed, 2 wrong usage. */
  exit(code: number): void
}
