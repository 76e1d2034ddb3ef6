import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import * as v from 'valibot'
import writeFileAtomic from 'write-file-atomic'
import { formatFile, parseGraph } from '../graph/index.ts'
import { describeError, isMillraceError, type GraphExport, type LogLevel } from '../shared/index.ts'
import { nodePlatform } from './node-platform.ts'
import type { OpenGraph } from './open-graphs.ts'

/** How long an edit waits for the next one before it is kept. */
const keepAfterMs = 500

const draftSchema = v.object({
  /** Which graph file it is of. */
  file: v.string(),
  /** SHA-256 of the text that was edited: of another one it says nothing. Null for a graph that was in no file yet. */
  base: v.nullable(v.string()),
  editedMs: v.number(),
  graph: v.unknown(),
})
type Draft = v.InferOutput<typeof draftSchema>

/** What the drafts of a lab need from it. */
export interface DraftsHost {
  /** Where they are kept. */
  folder: string
  /** Has a graph be edited to what was kept. Throws what cannot be. */
  restore(open: OpenGraph, graph: GraphExport): void
  /** Whether it is in no file and nobody wants it any more. */
  isLeft(open: OpenGraph): boolean
  log(level: LogLevel, text: string): void
}

/**
 * Keeps graphs as they are edited until they are saved, so that whatever ends the program takes no edit with it. A draft lies in the
 * user's own folder, one file for each graph file; it comes back when the graph is opened again and lies on disk as it did.
 */
export class KeptDrafts {
  readonly #host: DraftsHost
  /** Graphs that are in no file yet: whether they are wanted changes with edits of others. */
  readonly #new = new Set<OpenGraph>()
  /** Graphs that were edited since they were last kept. */
  readonly #due = new Set<OpenGraph>()
  /** What has come back and is not saved yet, as a person is told. */
  readonly #restored = new Map<string, string>()
  #cancel: () => void = () => {}

  constructor(host: DraftsHost) {
    this.#host = host
  }

  /** What has come back, one line for each graph that still differs from its file. */
  get restored(): string[] {
    return [...this.#restored.values()]
  }

  /** Brings back what was kept of a graph, and keeps what is edited from now on. */
  follow(open: OpenGraph): void {
    this.#bringBack(open)
    open.file.document.subscribe(() => this.#keepSoon(open))
    if (!open.file.isNew) return
    this.#new.add(open)
    this.#keepSoon(open)
  }

  /** What was kept of a graph that is in no file yet. Throws `FILE_INVALID`. */
  newGraphAt(key: string): GraphExport | undefined {
    const file = this.#fileOf(key)
    const draft = this.#read(file)
    return draft?.base === null ? parseGraph(JSON.stringify(draft.graph), file) : undefined
  }

  /** Keeps at once what was edited. */
  flush(): void {
    this.#cancel()
    for (const open of new Set([...this.#due, ...this.#new])) this.#keep(open)
    this.#due.clear()
  }

  #keepSoon(open: OpenGraph): void {
    this.#due.add(open)
    this.#cancel()
    this.#cancel = nodePlatform.after(keepAfterMs, () => this.flush())
  }

  #keep(open: OpenGraph): void {
    const file = this.#fileOf(open.key)
    if (!open.file.isNew) this.#new.delete(open)
    try {
      if (!open.file.isChanged || this.#host.isLeft(open)) {
        this.#restored.delete(open.key)
        return rmSync(file, { force: true })
      }
      const draft: Draft = { file: open.key, base: baseOf(open), editedMs: Date.now(), graph: open.file.document.graph }
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileAtomic.sync(file, JSON.stringify(draft), { mode: 0o600 })
    } catch (error) {
      this.#host.log('warn', `edits of ${open.file.name} are not kept until they are saved: ${describeError(error)}`)
    }
  }

  #bringBack(open: OpenGraph): void {
    const file = this.#fileOf(open.key)
    const draft = this.#read(file)
    if (!draft || open.file.isNew) return
    const { name } = open.file
    try {
      const graph = parseGraph(JSON.stringify(draft.graph), file)
      const since = new Date(draft.editedMs).toLocaleString()
      if (draft.base === baseOf(open)) {
        this.#host.restore(open, graph)
        this.#restored.set(
          open.key,
          `${name}: edits of ${since} that were not saved have come back; save, undo or discard them`,
        )
        return
      }
      const aside = file.replace(/\.draft\.json$/, `.${draft.editedMs}.graph.json`)
      writeFileAtomic.sync(aside, formatFile(graph), { mode: 0o600 })
      rmSync(file, { force: true })
      this.#restored.set(
        open.key,
        `${name}: its file was changed after the edits of ${since} that were not saved; they lie in ${aside}`,
      )
    } catch (error) {
      if (!isMillraceError(error)) throw error
      this.#host.log(
        'warn',
        `edits of ${name} that were not saved cannot come back: ${error.message}; they lie in ${file}`,
      )
    }
  }

  #read(file: string): Draft | undefined {
    try {
      return v.parse(draftSchema, JSON.parse(readFileSync(file, 'utf8')))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      this.#host.log('warn', `${file} is no draft of a graph and is left where it is: ${describeError(error)}`)
      return undefined
    }
  }

  #fileOf(key: string): string {
    const name = path.basename(key).replace(/(\.graph)?\.json$/, '')
    return path.join(this.#host.folder, `${name}.${sumOf(key).slice(0, 12)}.draft.json`)
  }
}

function baseOf({ file }: OpenGraph): string | null {
  return file.isNew ? null : sumOf(file.diskText)
}

function sumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
