import type { LogLevel } from '../shared/index.ts'
import { printable } from './protocol/fields.ts'

/** Writes to the log without letting a peer fill it. */
export interface Notices {
  write(level: LogLevel, text: string): void
  /** Once for this key, until `forget`. */
  once(key: string, level: LogLevel, text: string): void
  forget(key: string): void
  /** At most one line a minute for this key; the next line says how many were left out. */
  seldom(key: string, level: LogLevel, text: string): void
}

const maxKeys = 256
const pauseMs = 60_000

/** Makes notices out of a log. */
export function createNotices(
  log: (line: { level: LogLevel; text: string }) => void,
  monotonicMs: () => number,
): Notices {
  const said = new Set<string>()
  const seldom = new Map<string, { sinceMs: number; leftOut: number }>()
  const write = (level: LogLevel, text: string) => log({ level, text: printable(text, 1000) })
  return {
    write,
    once(key, level, text) {
      if (said.has(key)) return
      bound(said)
      said.add(key)
      write(level, text)
    },
    forget: (key) => void said.delete(key),
    seldom(key, level, text) {
      const last = seldom.get(key)
      if (last && monotonicMs() - last.sinceMs < pauseMs) {
        last.leftOut++
        return
      }
      bound(seldom)
      seldom.set(key, { sinceMs: monotonicMs(), leftOut: 0 })
      write(level, last && last.leftOut > 0 ? `${text} (and ${last.leftOut} more like it)` : text)
    },
  }
}

function bound(keys: Set<string> | Map<string, unknown>): void {
  const [oldest] = keys.keys()
  if (keys.size >= maxKeys && oldest !== undefined) keys.delete(oldest)
}
