import { formatFile, GraphDocument, parseGraph } from '../graph/index.ts'
import { describeError, isMillraceError, MillraceError, type GraphExport } from '../shared/index.ts'
import writeFileAtomic from 'write-file-atomic'
import { readTextFile, shownPath } from './text-file.ts'

type Report = (error: unknown) => void

/** A graph file that is open: what is edited, and what lies on disk. */
export class OpenGraphFile {
  /** As the lab file names it. */
  readonly name: string
  /** Where it lies. */
  readonly file: string
  readonly document: GraphDocument
  readonly #shown: string
  /** What we last read or wrote; of a new file, what it was begun with. */
  #diskText: string
  #isNew: boolean
  #isChangedOnDisk = false

  private constructor(name: string, file: string, text: string, { isNew, report }: { isNew: boolean; report: Report }) {
    this.name = name
    this.file = file
    this.#shown = shownPath(file)
    this.#diskText = text
    this.#isNew = isNew
    this.document = new GraphDocument(text, this.#shown, { report })
  }

  /** Reads the file; `shownAs` is what a person is told. Throws `FILE_NOT_FOUND`, `FILE_INVALID` with line and column. */
  static read(name: string, file: string, shownAs: string, report: Report): OpenGraphFile {
    return new OpenGraphFile(name, file, readTextFile(file, shownAs), { isNew: false, report })
  }

  /** Begins a file that is not there yet: the first save makes it. */
  static begin(name: string, file: string, graph: GraphExport, report: Report): OpenGraphFile {
    return new OpenGraphFile(name, file, formatFile(graph), { isNew: true, report })
  }

  /** Whether it has never been saved. */
  get isNew(): boolean {
    return this.#isNew
  }

  /** Whether a save would write anything else than what lies on disk. */
  get isChanged(): boolean {
    return this.#isNew || this.document.isChanged
  }

  /** The file as we last read or wrote it. */
  get diskText(): string {
    return this.#diskText
  }

  /** Whether something else has written the file since we last read or wrote it. */
  get isChangedOnDisk(): boolean {
    return this.#isChangedOnDisk
  }

  /** The graph as the file has it; where there is no file yet, one with nothing in it. */
  get saved(): GraphExport {
    if (!this.#isNew) return this.begun
    const { caseSensitive, properties } = this.document.graph
    return { caseSensitive, properties: { name: properties['name'] } }
  }

  /** The graph that the edits began with. */
  get begun(): GraphExport {
    return parseGraph(this.#diskText, this.#shown)
  }

  /** Begins a new file anew, with another graph, as a step that can be undone. */
  beginAnew(graph: GraphExport): void {
    this.#diskText = formatFile(graph)
    this.document.reload(this.#diskText, this.#shown, 'make subgraph')
  }

  /** Looks at the disk; answers whether what is known of it has changed. */
  look(): boolean {
    const before = this.#isChangedOnDisk
    this.#isChangedOnDisk = this.#read() !== (this.#isNew ? undefined : this.#diskText)
    return before !== this.#isChangedOnDisk
  }

  /** Writes what was edited, all or nothing. Throws `FILE_CHANGED` unless told to overwrite, and `FILE_WRITE` when the disk refuses. */
  async save({ overwrite }: { overwrite: boolean }): Promise<void> {
    this.look()
    if (this.#isChangedOnDisk && !overwrite)
      throw new MillraceError(
        'FILE_CHANGED',
        `${this.#shown} was changed by something else since it was opened; load it anew, or overwrite it`,
      )
    const text = this.document.text()
    const before = this.#diskText
    const wasNew = this.#isNew
    // Whoever looks at the disk while it is written shall not take our own text for somebody else's.
    this.#diskText = text
    this.#isNew = false
    try {
      await writeFileAtomic(this.file, text)
    } catch (error) {
      this.#diskText = before
      this.#isNew = wasNew
      const reason = (error as NodeJS.ErrnoException).code ?? describeError(error)
      throw new MillraceError('FILE_WRITE', `${this.#shown} cannot be written (${reason})`, { cause: error })
    }
    this.#isChangedOnDisk = false
    this.document.markSaved()
  }

  /** Takes the file as it is now. Throws `FILE_NOT_FOUND`, `FILE_INVALID`; then everything stays as it was. */
  reload(): void {
    const text = readTextFile(this.file, this.#shown)
    this.document.reload(text, this.#shown)
    this.#diskText = text
    this.#isNew = false
    this.#isChangedOnDisk = false
  }

  /** Takes every edit back in one step, to the file as we last knew it; that step can be undone. */
  discard(): void {
    this.document.reload(this.#diskText, this.#shown, 'discard the changes')
  }

  #read(): string | undefined {
    try {
      return readTextFile(this.file, this.#shown)
    } catch (error) {
      if (isMillraceError(error)) return undefined
      throw error
    }
  }
}
