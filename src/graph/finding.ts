import type { ErrorCode, GraphCommand } from '../shared/index.ts'
import type { JsonPath, Locate } from './json-text.ts'

/** Something a check found in a file: what, how bad, and where. */
export interface Finding {
  code: ErrorCode
  /** An `error` keeps the file from running; a `warning` is probably not meant; a `note` is worth knowing. */
  severity: 'error' | 'warning' | 'note'
  message: string
  /** Where in the file, as a JSON pointer. */
  pointer: string
  /** Counted from 1; absent when the file's text was not at hand. */
  line?: number
  column?: number
  /** The node it is about, where it is about one. */
  node?: string
  /** The wire it is about, as `node.Port -> node.Port`. */
  wire?: string
  fix?: Fix
}

/** What would mend a finding: edits of the graph, in this order. */
export interface Fix {
  /** An imperative for a button: `rename to "Input"`. */
  title: string
  commands: GraphCommand[]
  /** Nothing is lost by it and nothing else can have been meant, so `--fix` may do it unasked. */
  automatic: boolean
}

/** What a part of a file belongs to: a node or a wire. */
export type Subject = Pick<Finding, 'node' | 'wire'>

/** Collects findings of one file, each with its place in the text. */
export class Findings {
  readonly list: Finding[] = []
  readonly #locate: Locate | undefined
  readonly #subjectOf: (path: JsonPath) => Subject

  constructor(locate: Locate | undefined, subjectOf: (path: JsonPath) => Subject = () => ({})) {
    this.#locate = locate
    this.#subjectOf = subjectOf
  }

  /** Notes something that keeps the file from running. */
  error(code: ErrorCode, path: JsonPath, message: string, fix?: Fix): void {
    this.#add('error', code, path, message, fix)
  }

  /** Notes something that is allowed but probably not meant. */
  warning(code: ErrorCode, path: JsonPath, message: string, fix?: Fix): void {
    this.#add('warning', code, path, message, fix)
  }

  /** Notes something that is right, and that whoever reads the file may want to know. */
  note(code: ErrorCode, path: JsonPath, message: string, fix?: Fix): void {
    this.#add('note', code, path, message, fix)
  }

  #add(severity: Finding['severity'], code: ErrorCode, path: JsonPath, message: string, fix?: Fix): void {
    const place = { pointer: toPointer(path), ...this.#locate?.(path), ...this.#subjectOf(path) }
    this.list.push({ code, severity, message, ...place, ...(fix && { fix }) })
  }
}

/** Writes a path as a JSON pointer (RFC 6901). */
export function toPointer(path: JsonPath): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
