import type { ErrorCode } from '../shared/index.ts'
import type { JsonPath, Locate } from './json-text.ts'

/** Something a check found in a file: what, how bad, and where. */
export interface Finding {
  code: ErrorCode
  /** An `error` keeps the file from running; a `warning` does not. */
  severity: 'error' | 'warning'
  message: string
  /** Where in the file, as a JSON pointer. */
  pointer: string
  /** Counted from 1; absent when the file's text was not at hand. */
  line?: number
  column?: number
}

/** Collects findings of one file, each with its place in the text. */
export class Findings {
  readonly list: Finding[] = []
  readonly #locate: Locate | undefined

  constructor(locate: Locate | undefined) {
    this.#locate = locate
  }

  /** Notes something that keeps the file from running. */
  error(code: ErrorCode, path: JsonPath, message: string): void {
    this.#add('error', code, path, message)
  }

  /** Notes something that is allowed but probably not meant. */
  warning(code: ErrorCode, path: JsonPath, message: string): void {
    this.#add('warning', code, path, message)
  }

  #add(severity: Finding['severity'], code: ErrorCode, path: JsonPath, message: string): void {
    this.list.push({ code, severity, message, pointer: toPointer(path), ...this.#locate?.(path) })
  }
}

/** Writes a path as a JSON pointer (RFC 6901). */
export function toPointer(path: JsonPath): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
