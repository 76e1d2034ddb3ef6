import { watch, type FSWatcher } from 'chokidar'
import {
  describeDifference,
  diffGraphs,
  didYouMean,
  mattersToRun,
  sameJson,
  type DocumentEvent,
  type EditOptions,
} from '../graph/index.ts'
import {
  describeError,
  MillraceError,
  type GraphChange,
  type GraphCommand,
  type GraphEvent,
  type GraphExport,
  type GraphSummary,
  type LogLevel,
  type ShownDifference,
} from '../shared/index.ts'
import type { OpenGraphFile } from './open-graph-file.ts'
import { nodePlatform } from './node-platform.ts'

/** What the graphs of a lab need from it. */
export interface GraphsHost {
  /** The graph files, and the instances that are made of each. */
  files: readonly { file: OpenGraphFile; instances: readonly string[] }[]
  isRunning(instance: string): boolean
  /** Brings a running instance to a graph. Throws what cannot be. */
  apply(instance: string, graph: GraphExport, file: OpenGraphFile): Promise<void>
  tell(event: GraphEvent): void
  log(level: LogLevel, text: string): void
}

const lookAgainMs = 200

interface OpenGraph {
  file: OpenGraphFile
  instances: string[]
  isLive: boolean
}

/** The graphs of a lab as they are edited, and what of them runs. */
export class LabGraphs {
  readonly #host: GraphsHost
  readonly #graphs: ReadonlyMap<string, OpenGraph>
  /** What each instance runs, or would run again after a crash. */
  readonly #planned = new Map<string, GraphExport>()
  /** Applies of an instance go one after the other. */
  readonly #applying = new Map<string, Promise<void>>()
  #watcher: FSWatcher | undefined
  #cancelLook: () => void = () => {}

  constructor(host: GraphsHost) {
    this.#host = host
    this.#graphs = new Map(
      host.files.map(({ file, instances }) => [file.name, { file, instances: [...instances], isLive: false }]),
    )
    for (const open of this.#graphs.values()) open.file.document.subscribe((event) => this.#follow(open, event))
  }

  list(): GraphSummary[] {
    return [...this.#graphs.values()].map((open) => this.#summary(open))
  }

  /** The graph as it is now, unsaved edits included. Throws `GRAPH_UNKNOWN`. */
  get(graph: string): { summary: GraphSummary; value: GraphExport; file: string } {
    const open = this.#find(graph)
    return { summary: this.#summary(open), value: open.file.document.graph, file: open.file.file }
  }

  /** Has one more instance be made of a graph. Throws `GRAPH_UNKNOWN`. */
  join(graph: string, instance: string): void {
    this.#find(graph).instances.push(instance)
  }

  /** Undoes `join`. */
  leave(graph: string, instance: string): void {
    const open = this.#find(graph)
    open.instances = open.instances.filter((other) => other !== instance)
    this.#planned.delete(instance)
  }

  /** What a save would write. */
  text(graph: string): string {
    return this.#find(graph).file.document.text()
  }

  /** Does commands as one step. Throws why they cannot be. */
  edit(graph: string, commands: readonly GraphCommand[], options: EditOptions = {}): EditResult {
    const open = this.#find(graph)
    return this.#result(open, open.file.document.edit(commands, options))
  }

  undo(graph: string): EditResult {
    const open = this.#find(graph)
    return this.#result(open, open.file.document.undo())
  }

  redo(graph: string): EditResult {
    const open = this.#find(graph)
    return this.#result(open, open.file.document.redo())
  }

  /** Throws `FILE_CHANGED`, `FILE_WRITE`. */
  async save(graph: string, { overwrite = false }: { overwrite?: boolean | undefined } = {}): Promise<GraphSummary> {
    const open = this.#find(graph)
    await open.file.save({ overwrite })
    return this.#summary(open)
  }

  /** Throws `FILE_NOT_FOUND`, `FILE_INVALID`. */
  reload(graph: string): GraphSummary {
    const open = this.#find(graph)
    open.file.reload()
    return this.#summary(open)
  }

  /** Goes back to what runs, or to the file where nothing of it runs, as a step that can be undone. */
  discard(graph: string): EditResult {
    const open = this.#find(graph)
    const { file, instances } = open
    const running = instances.flatMap((instance) => this.#running(instance) ?? [])
    const target = running.find((other) => !sameJson(other, file.document.graph)) ?? running[0] ?? file.saved
    // Only a return to the file itself leaves nothing to be saved.
    if (sameJson(target, file.saved)) file.discard()
    else {
      const changes: GraphChange[] = [{ op: 'replace', path: [], value: target }]
      file.document.edit({ type: 'patch', changes }, { name: 'discard the changes' })
    }
    return this.#result(open, [{ op: 'replace', path: [], value: file.document.graph }])
  }

  /** What the graph changes of its file, or of each running instance. */
  differences(
    graph: string,
    against: 'running' | 'file',
  ): { instance?: string | undefined; differences: ShownDifference[] }[] {
    const { file, instances } = this.#find(graph)
    const now = file.document.graph
    if (against === 'file') return [{ differences: shown(file.saved, now) }]
    return instances.flatMap((instance) => {
      const running = this.#running(instance)
      return running === undefined ? [] : [{ instance, differences: shown(running, now) }]
    })
  }

  /** Brings one running instance, or all of the graph's, to the graph as it is now. Throws the first thing that cannot be. */
  async apply(graph: string, instance?: string): Promise<{ applied: string[]; summary: GraphSummary }> {
    const open = this.#find(graph)
    if (instance !== undefined && !open.instances.includes(instance))
      throw new MillraceError('INSTANCE_UNKNOWN', `no instance "${instance}" is made of the graph "${graph}"`)
    const running = open.instances.filter((name) => this.#host.isRunning(name))
    if (instance !== undefined && !running.includes(instance))
      throw new MillraceError('INSTANCE_STATE', `instance "${instance}" does not run; a start takes the graph as it is`)
    const chosen = instance === undefined ? running : [instance]
    const outcomes = await Promise.allSettled(chosen.map((name) => this.#applyTo(name, open)))
    this.#tell(open, 'applied')
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed) throw failed.reason
    return { applied: chosen, summary: this.#summary(open) }
  }

  /** Applies every edit at once from now on, or no longer. */
  async setLive(graph: string, live: boolean): Promise<void> {
    const open = this.#find(graph)
    open.isLive = live
    this.#tell(open, 'live')
    if (live) await this.apply(graph)
  }

  /** The graph that an instance is started with: the one that is shown; after a crash the one that ran. */
  planFor(instance: string, graph: string, { isRestart }: { isRestart: boolean }): PlannedGraph {
    const { file } = this.#find(graph)
    const plan = (isRestart ? this.#planned.get(instance) : undefined) ?? file.document.graph
    this.#planned.set(instance, plan)
    return { graph: plan, file }
  }

  /** What an instance runs; `undefined` while it does not. */
  runningGraph(instance: string, graph: string): PlannedGraph | undefined {
    const running = this.#running(instance)
    return running && { graph: running, file: this.#find(graph).file }
  }

  /** Resolves once changes of the files are noticed. */
  watching: Promise<void> = Promise.resolve()

  /** Notices from now on when something else writes the files. */
  watch(): void {
    if (this.#watcher) return
    const files = new Map([...this.#graphs.values()].map((open) => [open.file.file, open]))
    const watcher = watch([...files.keys()], { ignoreInitial: true })
    this.#watcher = watcher
    this.watching = new Promise((resolve) => void watcher.once('ready', resolve))
    watcher
      .on('all', (_event, file) => {
        const open = files.get(file)
        if (open === undefined) return
        this.#look(open)
        // The watcher swallows a second change that follows at once, so the file is looked at once more.
        this.#cancelLook()
        this.#cancelLook = nodePlatform.after(lookAgainMs, () => files.forEach((each) => this.#look(each)))
      })
      .on('error', (error) => this.#host.log('warn', `the graph files cannot be watched: ${describeError(error)}`))
  }

  /** Looks at no file any more. */
  async stop(): Promise<void> {
    this.#cancelLook()
    const watcher = this.#watcher
    this.#watcher = undefined
    await watcher?.close()
  }

  #look(open: OpenGraph): void {
    if (!open.file.look()) return
    // Who has edited nothing sees the file as it is; edits are never thrown away without being asked.
    if (open.file.isChangedOnDisk && !open.file.document.isChanged) {
      try {
        return open.file.reload()
      } catch (error) {
        this.#host.log('warn', `a changed graph file cannot be taken: ${describeError(error)}`)
      }
    }
    this.#tell(open, 'changedOnDisk')
  }

  #follow(open: OpenGraph, event: DocumentEvent): void {
    if (event.type === 'saved') return this.#tell(open, 'saved')
    this.#tell(open, event.type, event.changes, event.name)
    if (!open.isLive) return
    this.apply(open.file.name).catch((error: unknown) =>
      this.#host.log('error', `an edit could not be applied: ${describeError(error)}`),
    )
  }

  async #applyTo(instance: string, open: OpenGraph): Promise<void> {
    const before = this.#applying.get(instance)
    const work = this.#applyAfter(before, instance, open)
    this.#applying.set(instance, work)
    await work
  }

  async #applyAfter(before: Promise<void> | undefined, instance: string, open: OpenGraph): Promise<void> {
    // Whatever became of the one before, it has told its own caller.
    await Promise.allSettled([before])
    const graph = open.file.document.graph
    if (this.#planned.get(instance) === graph) return
    await this.#host.apply(instance, graph, open.file)
    this.#planned.set(instance, graph)
  }

  #running(instance: string): GraphExport | undefined {
    return this.#host.isRunning(instance) ? this.#planned.get(instance) : undefined
  }

  #result(open: OpenGraph, changes: GraphChange[] | undefined): EditResult {
    return { summary: this.#summary(open), changes: changes ?? [] }
  }

  #summary({ file, instances, isLive }: OpenGraph): GraphSummary {
    const { document } = file
    const { graph, undoName, redoName } = document
    return {
      graph: file.name,
      instances: [...instances],
      revision: document.revision,
      isChanged: document.isChanged,
      isChangedOnDisk: file.isChangedOnDisk,
      isLive,
      ...(undoName !== undefined && { undoName }),
      ...(redoName !== undefined && { redoName }),
      notApplied: instances.filter((instance) => {
        const running = this.#running(instance)
        return running !== undefined && running !== graph && diffGraphs(running, graph).some(mattersToRun)
      }),
    }
  }

  #tell(open: OpenGraph, type: GraphEvent['type'], changes: GraphChange[] = [], name?: string): void {
    this.#host.tell({ type, summary: this.#summary(open), changes, ...(name !== undefined && { name }) })
  }

  #find(graph: string): OpenGraph {
    const open = this.#graphs.get(graph)
    if (open) return open
    const names = [...this.#graphs.keys()]
    const advice = didYouMean(graph, names) || `; it has ${names.join(', ')}`
    throw new MillraceError('GRAPH_UNKNOWN', `the lab has no graph "${graph}"${advice}`)
  }
}

/** A graph as its file has it, for an instance. */
export interface PlannedGraph {
  graph: GraphExport
  file: OpenGraphFile
}

/** What an edit changed. */
export interface EditResult {
  summary: GraphSummary
  changes: GraphChange[]
}

function shown(before: GraphExport, after: GraphExport): ShownDifference[] {
  return diffGraphs(before, after).map((difference) => ({
    type: difference.type,
    kind: difference.kind,
    name: difference.name,
    text: describeDifference(difference),
    matters: mattersToRun(difference),
  }))
}
