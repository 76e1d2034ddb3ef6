import type { GraphChange, GraphCommand, GraphExport } from '../../shared/index.ts'
import { parseGraph } from '../graph-file.ts'
import { formatFile } from '../write/format-json.ts'
import { rewriteJson } from '../write/rewrite-json.ts'
import { applyChanges, applyCommands, type EditedGraph } from './apply-command.ts'
import { nameOfCommands } from './command-name.ts'
import { defaultUndoLimit, History } from './history.ts'

/** What happened to a document. `changes` lead from the graph before to the graph now. */
export type DocumentEvent =
  | { type: 'edited' | 'undone' | 'redone' | 'reloaded'; name: string; revision: number; changes: GraphChange[] }
  | { type: 'saved'; revision: number }

/** How an edit enters the history. */
export interface EditOptions {
  /** What the undo menu calls it; made of the commands when left out. */
  name?: string | undefined
  /** Edits that follow each other with the same key are one step: give each drag, and each field that is typed in, its own. */
  mergeKey?: string | undefined
}

/** How a document is opened. */
export interface DocumentOptions {
  undoLimit?: number
  /** Is told what listeners throw; by default it becomes an unhandled rejection. */
  report?: (error: unknown) => unknown
}

/** A graph that is being edited: its value now, the way back, and the text it would be saved as. */
export class GraphDocument {
  #text: string
  #source: GraphExport
  #graph: GraphExport
  #revision = 0
  readonly #history: History
  readonly #report: (error: unknown) => unknown
  readonly #listeners = new Set<(event: DocumentEvent) => void>()

  /** Opens the text of a graph file. Throws `FILE_INVALID` with file, line and column. */
  constructor(text: string, file: string, { undoLimit = defaultUndoLimit, report = unhandled }: DocumentOptions = {}) {
    this.#text = text
    this.#source = parseGraph(text, file)
    this.#graph = this.#source
    this.#history = new History(undoLimit)
    this.#report = report
  }

  /** Makes a document of a graph that was never a file. */
  static of(graph: GraphExport): GraphDocument {
    return new GraphDocument(formatFile(graph), 'new graph')
  }

  /** The graph now. Never mutated: a new edit makes a new value that shares what it did not touch. */
  get graph(): GraphExport {
    return this.#graph
  }

  /** Counts what happened; two equal numbers mean the same graph. */
  get revision(): number {
    return this.#revision
  }

  /** Whether it differs from what was last opened or saved. */
  get isChanged(): boolean {
    return !this.#history.isSaved
  }

  /** What an undo would take back, as a menu says it; `undefined` when there is nothing. */
  get undoName(): string | undefined {
    return this.#history.newest?.name
  }

  /** What a redo would do again. */
  get redoName(): string | undefined {
    return this.#history.next?.name
  }

  /**
   * Does one or several commands as one step, all or none; answers what changed, which is nothing when everything was so already.
   * Throws why an edit cannot be.
   */
  edit(commands: GraphCommand | readonly GraphCommand[], { name, mergeKey }: EditOptions = {}): GraphChange[] {
    const list = isList(commands) ? commands : [commands]
    const edited = applyCommands(this.#graph, list)
    if (edited.changes.length === 0) return []
    const { changes, inverse } = edited
    const step = { name: name ?? nameOfCommands(list), changes, inverse, mergeKey }
    this.#history.add(step)
    this.#take(edited, 'edited', step.name)
    return changes
  }

  /** Takes the newest step back; answers what changed, or `undefined` when there is none. */
  undo(): GraphChange[] | undefined {
    const step = this.#history.undo()
    return step && this.#take(applyChanges(this.#graph, step.inverse), 'undone', step.name)
  }

  /** Does again what was undone last; answers what changed, or `undefined` when there is nothing. */
  redo(): GraphChange[] | undefined {
    const step = this.#history.redo()
    return step && this.#take(applyChanges(this.#graph, step.changes), 'redone', step.name)
  }

  /** Ends a continuous edit: the next one is a step of its own even with the same key. */
  seal(): void {
    this.#history.seal()
  }

  /**
   * The text to save. What was not edited stands as it was written in the file, letter for letter; with everything undone the text
   * is the one that was opened.
   */
  text(): string {
    return rewriteJson(this.#text, this.#source, this.#graph)
  }

  /** Says that the text lies on disk as it is now. */
  markSaved(): void {
    this.#history.markSaved()
    this.#tell({ type: 'saved', revision: this.#revision })
  }

  /** Takes over a text as it lies on disk, as a step that can be undone. Throws `FILE_INVALID`, and changes nothing then. */
  reload(text: string, file: string, name = 'load the file anew'): void {
    const value = parseGraph(text, file)
    const changes: GraphChange[] = [{ op: 'replace', path: [], value }]
    const inverse: GraphChange[] = [{ op: 'replace', path: [], value: this.#graph }]
    this.#history.add({ name, changes, inverse })
    this.#history.markSaved()
    this.#text = text
    this.#source = value
    this.#take({ graph: value, changes, inverse }, 'reloaded', name)
  }

  /** Calls the listener with everything that happens from now on; returns the undo. One that throws is reported, and the others go on. */
  subscribe(listener: (event: DocumentEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #take(
    { graph, changes }: EditedGraph,
    type: 'edited' | 'undone' | 'redone' | 'reloaded',
    name: string,
  ): GraphChange[] {
    this.#graph = graph
    this.#revision++
    this.#tell({ type, name, revision: this.#revision, changes })
    return changes
  }

  #tell(event: DocumentEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        this.#report(error)
      }
    }
  }
}

function isList(commands: GraphCommand | readonly GraphCommand[]): commands is readonly GraphCommand[] {
  return Array.isArray(commands)
}

async function unhandled(error: unknown): Promise<void> {
  throw error
}
