import {
  applyCommands,
  didYouMean,
  isGraphComponent,
  nodesOf,
  parseGraph,
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
} from '../shared/index.ts'
import { KeptDrafts } from './kept-drafts.ts'
import type { Composition, InsideGraph, OpenGraph, OpenGraphs } from './open-graphs.ts'
import { PlannedGraphs, type InstanceDifferences, type PlannedGraph } from './planned-graphs.ts'
import {
  planDissolution,
  planSubgraph,
  refuseExported,
  type DissolutionWish,
  type SubgraphWish,
} from './plan-subgraph.ts'
import { readTextFile } from './text-file.ts'
import { WatchedFiles } from './watched-files.ts'

/** What the graphs of a lab need from it. */
export interface GraphsHost {
  /** The graphs of the instances, and those inside them. */
  graphs: OpenGraphs
  isRunning(instance: string): boolean
  /** The nodes of an instance that its peers may name. */
  exportsOf(instance: string): readonly string[]
  /** Brings a running instance to what its graph is made of. Throws what cannot be. */
  apply(instance: string, open: OpenGraph, composition: Composition): Promise<void>
  /** Where edits are kept until they are saved; absent where nobody edits. */
  draftsFolder?: string | undefined
  tell(event: GraphEvent): void
  log(level: LogLevel, text: string): void
}

/** The graphs of a lab as they are edited, and what of them runs. */
export class LabGraphs {
  readonly #host: GraphsHost
  readonly #graphs: OpenGraphs
  /** Which nodes of each graph were graphs when it was last looked at. */
  readonly #usedBy = new Map<OpenGraph, string>()
  readonly #plans: PlannedGraphs
  readonly #drafts: KeptDrafts | undefined
  #files: WatchedFiles | undefined

  constructor(host: GraphsHost) {
    this.#host = host
    this.#graphs = host.graphs
    this.#plans = new PlannedGraphs({
      graphs: host.graphs,
      isRunning: (instance) => host.isRunning(instance),
      openInsides: () => this.#openInsides(),
      apply: (instance, open, composition) => host.apply(instance, open, composition),
    })
    const { draftsFolder: folder } = host
    if (folder !== undefined) {
      const drafts = new KeptDrafts({
        folder,
        restore: (open, value) => this.#replace(open, value, 'come back to edits that were not saved'),
        isLeft: (open) => this.#graphs.isLeft(open),
        log: (level, text) => host.log(level, text),
      })
      this.#drafts = drafts
      this.#graphs.recall = (key) => drafts.newGraphAt(key)
    }
    for (const open of this.#graphs.all) if (!this.#usedBy.has(open)) this.#takeIn(open)
  }

  /** What was edited in an earlier run and has come back, as lines for a person. */
  get restored(): string[] {
    return this.#drafts?.restored ?? []
  }

  /** Those that are somewhere: in a file, an instance or another graph. */
  list(): GraphSummary[] {
    return this.#graphs.all.flatMap((open) => (this.#graphs.isLeft(open) ? [] : [this.#summary(open)]))
  }

  /** The graph as it is now, unsaved edits included, and what stands behind its nodes that are graphs. Throws `GRAPH_UNKNOWN`. */
  get(graph: string): { summary: GraphSummary; value: GraphExport; file: string; insides: InsideGraph[] } {
    const open = this.#find(graph)
    const { document, file } = open.file
    return { summary: this.#summary(open), value: document.graph, file, insides: this.#graphs.insides(open) }
  }

  /** Reads a graph by its real path: as it is edited, or as it lies on disk. Throws `FILE_NOT_FOUND`, `FILE_INVALID`. */
  readonly readAt = (key: string): GraphExport =>
    this.#graphs.at(key)?.file.document.graph ?? parseGraph(readTextFile(key), key)

  /** Has one more instance be made of a graph. Throws `GRAPH_UNKNOWN`. */
  join(graph: string, instance: string): void {
    this.#find(graph).instances.push(instance)
  }

  /** Undoes `join`. */
  leave(graph: string, instance: string): void {
    const open = this.#find(graph)
    open.instances = open.instances.filter((other) => other !== instance)
    this.#plans.forget(instance)
  }

  /** What a save would write. */
  text(graph: string): string {
    return this.#find(graph).file.document.text()
  }

  /** Does commands as one step. Throws why they cannot be, `SUBGRAPH_CYCLE` for what would put a graph into itself. */
  edit(graph: string, commands: readonly GraphCommand[], options: EditOptions = {}): EditResult {
    const open = this.#find(graph)
    if (commands.some(({ type }) => type === 'addNode' || type === 'setComponent' || type === 'patch'))
      this.#graphs.refuseCycle(open, applyCommands(open.file.document.graph, commands).graph)
    return this.#result(open, open.file.document.edit(commands, options))
  }

  /**
   * Makes a graph of nodes, in a file of its own beside this one's, which a save writes; one node stands for them. Throws why not, as
   * `planSubgraph` does.
   */
  makeSubgraph(graph: string, request: SubgraphWish): SubgraphResult {
    const open = this.#find(graph)
    const { inner, component, commands, nodes, name } = planSubgraph(this.#graphs, open, request)
    refuseExported(open, request.nodes, this.#host)
    const isLive = this.#areAllLive()
    const made = this.#graphs.begin(open, component, inner)
    if (made.isAdded) this.#welcome(made.open, isLive)
    const changes = open.file.document.edit(commands, { name })
    return { ...this.#result(open, changes), inner: made.open.file.name, nodes }
  }

  /** Puts what is inside a node in its place; the graph inside stays as it is. Throws why not, as `planDissolution` does. */
  dissolveSubgraph(graph: string, request: DissolutionWish): SubgraphResult {
    const open = this.#find(graph)
    this.#openInsides()
    const { inside, commands, nodes, name } = planDissolution(this.#graphs, open, request)
    refuseExported(open, [request.node], this.#host)
    const changes = open.file.document.edit(commands, { name })
    return { ...this.#result(open, changes), inner: inside.file.name, nodes }
  }

  /** Throws `SUBGRAPH_CYCLE` where what comes back contains this graph by now. */
  undo(graph: string): EditResult {
    const open = this.#find(graph)
    return this.#result(open, this.#graphs.step(open, 'undo'))
  }

  /** Throws as `undo` does. */
  redo(graph: string): EditResult {
    const open = this.#find(graph)
    return this.#result(open, this.#graphs.step(open, 'redo'))
  }

  /** Throws `FILE_CHANGED`, `FILE_WRITE`. */
  async save(graph: string, { overwrite = false }: { overwrite?: boolean | undefined } = {}): Promise<GraphSummary> {
    const open = this.#find(graph)
    // A file never names another that is not there.
    for (const key of this.#graphs.compose(open).inner.keys()) {
      const inner = this.#graphs.at(key)
      if (inner?.file.isNew) await inner.file.save({ overwrite: false })
    }
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
    const { file } = open
    const running = this.#plans.runningOf(open).map(({ graph: value }) => value)
    const target = running.find((other) => !sameJson(other, file.document.graph)) ?? running[0] ?? file.begun
    // Only a return to the file itself leaves nothing to be saved.
    if (!sameJson(target, file.begun)) this.#replace(open, target, 'discard the changes')
    else {
      this.#graphs.refuseCycle(open, target)
      file.discard()
    }
    return this.#result(open, [{ op: 'replace', path: [], value: file.document.graph }])
  }

  /** What the graph changes of its file, or of each running instance. */
  differences(graph: string, against: 'running' | 'file'): InstanceDifferences[] {
    return this.#plans.differences(this.#find(graph), against)
  }

  /**
   * Brings one running instance, or all that are made of the graph or contain it, to what is drawn now, the graphs inside included.
   * Throws the first thing that cannot be.
   */
  async apply(graph: string, instance?: string): Promise<{ applied: string[]; summary: GraphSummary }> {
    const open = this.#find(graph)
    const owners = this.#plans.ownersOf(open)
    if (instance !== undefined && !owners.has(instance))
      throw new MillraceError('INSTANCE_UNKNOWN', `no instance "${instance}" is made of the graph "${graph}"`)
    const running = [...owners.keys()].filter((name) => this.#host.isRunning(name))
    if (instance !== undefined && !running.includes(instance))
      throw new MillraceError('INSTANCE_STATE', `instance "${instance}" does not run; a start takes the graph as it is`)
    const chosen = instance === undefined ? running : [instance]
    const outcomes = await Promise.allSettled(chosen.map((name) => this.#plans.applyTo(name, owners.get(name) ?? open)))
    // Each instance has been brought to all that it is made of.
    for (const other of this.#graphs.all)
      if (other === open || chosen.some((name) => this.#plans.ownersOf(other).has(name))) this.#tell(other, 'applied')
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

  /** What an instance is started with: what is shown; after a crash what ran. */
  planFor(instance: string, graph: string, { isRestart }: { isRestart: boolean }): PlannedGraph {
    return this.#plans.planFor(instance, this.#find(graph), { isRestart })
  }

  /** What an instance runs; `undefined` while it does not. */
  runningGraph(instance: string): PlannedGraph | undefined {
    return this.#plans.running(instance)
  }

  /** Resolves once changes of the files are noticed. */
  get watching(): Promise<void> {
    return this.#files?.ready ?? Promise.resolve()
  }

  /** Notices from now on when something else writes the files. */
  watch(): void {
    this.#files ??= new WatchedFiles({
      files: this.#graphs.all.map(({ file }) => file.file),
      onChange: (changed) =>
        this.#graphs.all.forEach((open) => {
          if (changed === undefined || open.file.file === changed) this.#look(open)
        }),
      onError: (error) => this.#host.log('warn', `the graph files cannot be watched: ${describeError(error)}`),
    })
  }

  /** Looks at no file any more. */
  async stop(): Promise<void> {
    this.#drafts?.flush()
    await this.#files?.stop()
  }

  #replace(open: OpenGraph, value: GraphExport, name: string): void {
    this.#graphs.refuseCycle(open, value)
    open.file.document.edit({ type: 'patch', changes: [{ op: 'replace', path: [], value }] }, { name })
  }

  #look(open: OpenGraph): void {
    if (!open.file.look()) return
    // Who has edited nothing sees the file as it is; edits are never thrown away without being asked.
    if (open.file.isChangedOnDisk && !open.file.isChanged) {
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
    this.#noteUses(open)
    if (!open.isLive) return
    this.apply(open.file.name).catch((error: unknown) =>
      this.#host.log('error', `an edit could not be applied: ${describeError(error)}`),
    )
  }

  #takeIn(open: OpenGraph): void {
    this.#usedBy.set(open, usesIn(open))
    open.file.document.subscribe((event) => this.#follow(open, event))
    this.#drafts?.follow(open)
  }

  /** Tells those graphs that an edit uses, or uses no longer. */
  #noteUses(open: OpenGraph): void {
    const uses = usesIn(open)
    if (uses === this.#usedBy.get(open)) return
    this.#usedBy.set(open, uses)
    this.#openInsides()
    for (const other of this.#graphs.all) if (other !== open) this.#tell(other, 'uses')
  }

  /** Opens what the graphs use and what can be read by now. */
  #openInsides(): void {
    const isLive = this.#areAllLive()
    this.#graphs.discover()
    // Whoever looked for a way into a graph may have opened it before.
    for (const open of this.#graphs.all.filter((each) => !this.#usedBy.has(each))) {
      this.#welcome(open, isLive)
      this.#tell(open, 'uses')
    }
  }

  #areAllLive(): boolean {
    const known = [...this.#usedBy.keys()]
    return known.length > 0 && known.every((open) => open.isLive)
  }

  #welcome(open: OpenGraph, isLive: boolean): void {
    open.isLive = isLive
    this.#takeIn(open)
    this.#files?.add(open.file.file)
  }

  #result(open: OpenGraph, changes: GraphChange[] | undefined): EditResult {
    return { summary: this.#summary(open), changes: changes ?? [] }
  }

  #summary(open: OpenGraph): GraphSummary {
    const { file, instances, isLive } = open
    const { document } = file
    const { undoName, redoName } = document
    return {
      graph: file.name,
      instances: [...instances],
      uses: this.#graphs.uses(open),
      revision: document.revision,
      isChanged: file.isChanged && !this.#graphs.isLeft(open),
      ...(file.isNew && { isNew: true }),
      isChangedOnDisk: file.isChangedOnDisk,
      isLive,
      ...(undoName !== undefined && { undoName }),
      ...(redoName !== undefined && { redoName }),
      notApplied: this.#plans.notApplied(open),
    }
  }

  #tell(open: OpenGraph, type: GraphEvent['type'], changes: GraphChange[] = [], name?: string): void {
    this.#host.tell({ type, summary: this.#summary(open), changes, ...(name !== undefined && { name }) })
  }

  #find(graph: string): OpenGraph {
    const open = this.#graphs.named(graph)
    if (open) return open
    const names = this.#graphs.all.map(({ file }) => file.name)
    const advice = didYouMean(graph, names) || `; it has ${names.join(', ')}`
    throw new MillraceError('GRAPH_UNKNOWN', `the lab has no graph "${graph}"${advice}`)
  }
}

/** Which nodes of a graph are graphs, as one text to compare. */
function usesIn({ file }: OpenGraph): string {
  const nodes = nodesOf(file.document.graph).filter(({ component }) => isGraphComponent(component))
  return JSON.stringify(nodes.map(({ id, component }) => [id, component]))
}

/** What an edit changed. */
export interface EditResult {
  summary: GraphSummary
  changes: GraphChange[]
}

/** What an edit of subgraphs changed: also the name of the graph inside, and the nodes that are new. */
export interface SubgraphResult extends EditResult {
  inner: string
  nodes: string[]
}
