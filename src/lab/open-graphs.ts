import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { isGraphComponent } from '../graph/index.ts'
import { isMillraceError, MillraceError, type GraphChange, type GraphExport, type GraphUse } from '../shared/index.ts'
import { OpenGraphFile } from './open-graph-file.ts'
import { isWithin } from './trust.ts'

/** A graph file of the lab as it is edited. */
export interface OpenGraph {
  readonly file: OpenGraphFile
  /** Where it really lies, links followed. */
  readonly key: string
  /** The instances that are made of it; none for a graph that is only used inside others. */
  instances: string[]
  isLive: boolean
}

/** What one instance is made of: its graph and every open graph inside it, by their real paths, as they were at one moment. */
export interface Composition {
  readonly graph: GraphExport
  readonly inner: ReadonlyMap<string, GraphExport>
}

/** What stands behind a node that is a graph: an open one by its name, or why it is not open. */
export interface InsideGraph {
  component: string
  graph?: string
  refusal?: string
}

/**
 * The graph files of a lab that are open: those of its instances, and those inside them at any depth. A file is open once however often
 * and by whatever path it is used, so that all its uses change together.
 */
export class OpenGraphs {
  readonly #byName = new Map<string, OpenGraph>()
  readonly #byKey = new Map<string, OpenGraph>()
  readonly #composed = new WeakMap<OpenGraph, Composition>()
  readonly #nodes = new WeakMap<GraphExport, ReadonlyMap<string, string>>()
  readonly #folder: string
  readonly #report: (error: unknown) => void
  /** Answers what is known of a graph that is in no file. */
  recall: ((key: string) => GraphExport | undefined) | undefined
  /** Which files may be opened for editing; set once the folders of the lab are known. */
  #folders: readonly string[] | undefined

  /** `folder` is the lab's real folder, from which files inside others are named. */
  constructor(folder: string, report: (error: unknown) => void) {
    this.#folder = folder
    this.#report = report
  }

  get all(): readonly OpenGraph[] {
    return [...this.#byName.values()]
  }

  named(name: string): OpenGraph | undefined {
    return this.#byName.get(name)
  }

  at(key: string): OpenGraph | undefined {
    return this.#byKey.get(key)
  }

  /** From now on only files in these folders are opened: they are what a person was asked to trust. */
  keepTo(folders: readonly string[]): void {
    this.#folders = folders
  }

  /** Opens the graph of an instance under the name that the lab file gives it. Throws `FILE_NOT_FOUND`, `FILE_INVALID`. */
  open(name: string, file: string, shownAs: string): OpenGraph {
    return this.#byName.get(name) ?? this.#add(OpenGraphFile.read(name, file, shownAs, this.#report))
  }

  /** Opens what is inside the open graphs, as far as it can be read. */
  discover(): void {
    const open = [...this.all]
    for (const each of open)
      for (const component of this.#components(each.file.document.graph)) {
        const key = keyOf(component, each.key)
        if (this.#byKey.has(key) || this.#refusal(key) !== undefined) continue
        const inner = this.#tryToOpen(key)
        // Whoever runs or checks the graph is told what is wrong with the file.
        if (typeof inner === 'string') continue
        open.push(inner)
      }
  }

  /** What stands behind each node of a graph that is a graph itself, once for each file that it names. */
  insides({ file, key }: OpenGraph): InsideGraph[] {
    return this.#components(file.document.graph).map((component) => {
      const innerKey = keyOf(component, key)
      const inner = this.#byKey.get(innerKey)
      if (inner) return { component, graph: inner.file.name }
      const refusal = this.#refusal(innerKey) ?? this.#tryToOpen(innerKey)
      return typeof refusal === 'string' ? { component, refusal } : { component, graph: refusal.file.name }
    })
  }

  /** The graph behind a component of another. Throws `FILE_NOT_FOUND`, `FILE_INVALID`, `FORBIDDEN` for one that may not be edited. */
  behind({ key }: OpenGraph, component: string): OpenGraph {
    const inner = keyOf(component, key)
    const refusal = this.#refusal(inner)
    if (refusal !== undefined) throw new MillraceError('FORBIDDEN', refusal)
    return this.#byKey.get(inner) ?? this.#openInside(inner)
  }

  /** How a graph names a file that it shall be made of, called by a name that is free in its folder. */
  freeFile(user: OpenGraph, wanted: string): string {
    const stem = fileStem(wanted)
    for (let number = 1; ; number++) {
      const component = `${stem}${number === 1 ? '' : `-${number}`}.graph.json`
      const key = keyOf(component, user.key)
      const open = this.#byKey.get(key)
      if (open ? this.isLeft(open) : !existsSync(key)) return component
    }
  }

  /** Whether a graph is in no file and used by none, since what made it was undone: it only waits to be wanted again. */
  isLeft(open: OpenGraph): boolean {
    return open.file.isNew && open.instances.length === 0 && this.uses(open).length === 0
  }

  /** Opens a graph that is in no file yet, as one that another is made of; answers whether it is newly open. */
  begin(user: OpenGraph, component: string, graph: GraphExport): { open: OpenGraph; isAdded: boolean } {
    const key = keyOf(component, user.key)
    const left = this.#byKey.get(key)
    left?.file.beginAnew(graph)
    if (left) return { open: left, isAdded: false }
    const file = OpenGraphFile.begin(this.#nameOf(key), key, graph, this.#report)
    return { open: this.#add(file), isAdded: true }
  }

  /** Every node that is a use of this graph. */
  uses({ key }: OpenGraph): GraphUse[] {
    return this.all.flatMap((user) => {
      const nodes = this.#graphNodes(user.file.document.graph)
      const ours = new Set([...new Set(nodes.values())].filter((component) => keyOf(component, user.key) === key))
      return [...nodes].flatMap(([node, component]) => (ours.has(component) ? [{ graph: user.file.name, node }] : []))
    })
  }

  /** What an instance of this graph would be made of now. The same object as long as nothing of it has changed. */
  compose(open: OpenGraph): Composition {
    const { graph } = open.file.document
    const inner = new Map<string, GraphExport>()
    const users = [{ key: open.key, graph }]
    for (const user of users)
      for (const component of this.#components(user.graph)) {
        const found = this.#byKey.get(keyOf(component, user.key))
        if (!found || inner.has(found.key)) continue
        inner.set(found.key, found.file.document.graph)
        users.push({ key: found.key, graph: found.file.document.graph })
      }
    const before = this.#composed.get(open)
    if (before?.graph === graph && isSame(before.inner, inner)) return before
    const now = { graph, inner }
    this.#composed.set(open, now)
    return now
  }

  /**
   * Refuses what would put a graph into itself, at any depth: `next` is what the graph would be, `now` what it is. Throws
   * `SUBGRAPH_CYCLE`.
   */
  refuseCycle({ file, key }: OpenGraph, next: GraphExport, now: GraphExport = file.document.graph): void {
    const before = new Set(this.#components(now))
    for (const component of this.#components(next)) {
      if (before.has(component)) continue
      const way = this.#wayTo(key, keyOf(component, key))
      if (!way) continue
      const [first = component, ...rest] = way
      const through = rest.length === 0 ? '' : `: ${[first, ...rest].join(' is made of ')}`
      throw new MillraceError(
        'SUBGRAPH_CYCLE',
        `"${component}" cannot be put into ${file.name}, which would then contain itself${through}`,
      )
    }
  }

  /** Goes back or on in the history of a graph; where that would put it into itself, leaves it and throws `SUBGRAPH_CYCLE`. */
  step(open: OpenGraph, way: 'undo' | 'redo'): GraphChange[] | undefined {
    const { document } = open.file
    const before = document.graph
    const changes = document[way]()
    try {
      this.refuseCycle(open, document.graph, before)
    } catch (error) {
      document[way === 'undo' ? 'redo' : 'undo']()
      throw error
    }
    return changes
  }

  /** The names of the graphs that lead from one to another, both included; `undefined` when none do. */
  #wayTo(target: string, from: string, seen = new Set<string>()): string[] | undefined {
    const open = this.#byKey.get(from) ?? this.#tryToOpen(from)
    if (typeof open === 'string' || seen.has(from)) return undefined
    seen.add(from)
    if (from === target) return [open.file.name]
    for (const component of this.#components(open.file.document.graph)) {
      const rest = this.#wayTo(target, keyOf(component, from), seen)
      if (rest) return [open.file.name, ...rest]
    }
    return undefined
  }

  /** The nodes of a graph that are graphs, with what they name: asked for at every edit of any graph. */
  #graphNodes(graph: GraphExport): ReadonlyMap<string, string> {
    const known = this.#nodes.get(graph)
    if (known) return known
    const processes = Object.entries(graph.processes ?? {})
    const found = processes.filter(([, { component }]) => isGraphComponent(component))
    const nodes = new Map(found.map(([id, { component }]) => [id, component]))
    this.#nodes.set(graph, nodes)
    return nodes
  }

  #components(graph: GraphExport): string[] {
    return [...new Set(this.#graphNodes(graph).values())]
  }

  #add(file: OpenGraphFile): OpenGraph {
    const open = { file, key: realPath(file.file), instances: [], isLive: false }
    this.#byName.set(file.name, open)
    // Two names of the lab file for one graph stay two documents; what is inside others is the first of them.
    if (!this.#byKey.has(open.key)) this.#byKey.set(open.key, open)
    return open
  }

  /** Opens a file inside others, or answers why it cannot be. */
  #tryToOpen(key: string): OpenGraph | string {
    if (this.#refusal(key) !== undefined) return this.#refusal(key) ?? ''
    try {
      return this.#openInside(key)
    } catch (error) {
      if (!isMillraceError(error)) throw error
      return error.message
    }
  }

  /** Throws `FILE_NOT_FOUND`, `FILE_INVALID`. */
  #openInside(key: string): OpenGraph {
    const name = this.#nameOf(key)
    const unsaved = existsSync(key) ? undefined : this.recall?.(key)
    if (unsaved) return this.#add(OpenGraphFile.begin(name, key, unsaved, this.#report))
    return this.#add(OpenGraphFile.read(name, key, name, this.#report))
  }

  /** How a file inside others is named: from the lab's folder. */
  #nameOf(key: string): string {
    return path.relative(this.#folder, key).split(path.sep).join('/')
  }

  #refusal(key: string): string | undefined {
    if (!this.#folders || this.#folders.some((folder) => isWithin(key, folder))) return undefined
    return `${key} lies outside the folders of the lab, so it can only be looked at; open it as a lab of its own to edit it`
  }
}

/** Where the file that a component names really is, as seen from the real path of the graph that uses it. */
export function keyOf(component: string, user: string): string {
  return realPath(path.resolve(path.dirname(user), component))
}

/** The real path of a file; of one that is not there, where it would be. */
export function realPath(file: string): string {
  const whole = path.resolve(file)
  return existsSync(whole) ? realpathSync(whole) : whole
}

/** `Clean, by day` → `clean-by-day`: what every file system takes. */
function fileStem(name: string): string {
  const plain = name.toLowerCase().replaceAll(/[^\p{L}\p{N}_]+/gu, '-')
  return plain.slice(0, 80).replaceAll(/^-+|-+$/gu, '') || 'subgraph'
}

function isSame(one: ReadonlyMap<string, GraphExport>, other: ReadonlyMap<string, GraphExport>): boolean {
  return one.size === other.size && [...one].every(([key, graph]) => other.get(key) === graph)
}
