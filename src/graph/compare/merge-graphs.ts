import type { GraphExport } from '../../shared/index.ts'
import { Draft } from '../edit/draft.ts'
import { sameJson } from '../edit/same-json.ts'
import { isRecord } from '../graph-parts.ts'
import type { JsonPath } from '../json-text.ts'
import { parseGraph } from '../graph-file.ts'
import { rewriteJson } from '../write/rewrite-json.ts'
import { fieldsBetween } from './diff-graphs.ts'
import { itemsOf, type GraphItem, type ItemKind } from './graph-item.ts'

/** Something that both sides changed in ways that cannot both be. */
export interface MergeConflict {
  code: 'MERGE_CONFLICT'
  kind: ItemKind
  name: string
  /** The field within the thing; empty for the thing as a whole. */
  path: JsonPath
  base?: unknown
  ours?: unknown
  theirs?: unknown
  /** One line for a person. */
  message: string
}

/** What became of a merge: the graph holds our side where there is a conflict. */
export interface MergedGraph {
  graph: GraphExport
  conflicts: MergeConflict[]
}

type Items = ReadonlyMap<string, GraphItem>

/**
 * Merges two graphs that come from one: what only one side changed is taken from it, down to single fields; order and layout are ours.
 * A conflict leaves our side standing and is named.
 */
export function mergeGraphs(base: GraphExport, ours: GraphExport, theirs: GraphExport): MergedGraph {
  return new Merge(base, ours, theirs).run()
}

/** The same with the texts of three files; the result keeps the layout of ours. Throws `FILE_INVALID` naming the file that cannot be read. */
export function mergeGraphTexts(
  base: { text: string; file: string },
  ours: { text: string; file: string },
  theirs: { text: string; file: string },
): { text: string; conflicts: MergeConflict[] } {
  const own = parseGraph(ours.text, ours.file)
  const { graph, conflicts } = mergeGraphs(parseGraph(base.text, base.file), own, parseGraph(theirs.text, theirs.file))
  return { text: rewriteJson(ours.text, own, graph), conflicts }
}

class Merge {
  readonly #draft: Draft
  readonly #theirs: GraphExport
  readonly #items: { base: Items; ours: Items; theirs: Items }
  readonly #conflicts: MergeConflict[] = []
  /** Nodes that they removed and we still need. */
  readonly #kept: ReadonlySet<string>
  /** Items of ours that they removed, as objects of our graph. */
  readonly #doomed: JsonPath[] = []

  constructor(base: GraphExport, ours: GraphExport, theirs: GraphExport) {
    this.#draft = new Draft(ours)
    this.#theirs = theirs
    this.#items = { base: itemsOf(base), ours: itemsOf(ours), theirs: itemsOf(theirs) }
    this.#kept = this.#nodesWeNeed()
  }

  run(): MergedGraph {
    const { base, ours, theirs } = this.#items
    for (const key of new Set([...base.keys(), ...theirs.keys()])) {
      const [was, own, other] = [base.get(key), ours.get(key), theirs.get(key)]
      if (other === undefined) this.#theyRemoved(was, own)
      else if (own === undefined) this.#weLack(was, other)
      else this.#fields(was, own, other)
    }
    for (const path of inRemovalOrder(this.#doomed)) this.#draft.remove(path)
    return { graph: this.#draft.value as GraphExport, conflicts: this.#conflicts }
  }

  #theyRemoved(was: GraphItem | undefined, own: GraphItem | undefined): void {
    if (was === undefined || own === undefined) return
    if (own.needs.some((id) => this.#kept.has(id)) && !this.#isKeptNode(own)) return
    if (this.#isKeptNode(own))
      return this.#conflict(own, [], was.meaning, own.meaning, undefined, 'they removed it, and we use it')
    if (sameJson(was.meaning, own.meaning)) this.#doomed.push(own.path)
    else this.#conflict(own, [], was.meaning, own.meaning, undefined, 'they removed it, and we changed it')
  }

  #weLack(was: GraphItem | undefined, other: GraphItem): void {
    if (was !== undefined) {
      if (!sameJson(was.meaning, other.meaning))
        this.#conflict(other, [], was.meaning, undefined, other.meaning, 'we removed it, and they changed it')
      return
    }
    const missing = other.needs.find((id) => !this.#hasNode(id))
    if (missing !== undefined)
      return this.#conflict(
        other,
        [],
        undefined,
        undefined,
        other.meaning,
        `they added it, and we removed node "${missing}"`,
      )
    this.#add(other)
  }

  #fields(was: GraphItem | undefined, own: GraphItem, other: GraphItem): void {
    if (own.kind === 'group') return this.#group(was, own, other)
    for (const { path, before: mine, after } of fieldsBetween(own.meaning, other.meaning)) {
      const before = fieldOf(was?.meaning, path)
      if (sameJson(before, after)) continue
      if (was === undefined || !sameJson(before, mine)) {
        // They may have changed a part of an object that we replaced, or the other way round: both are one conflict.
        this.#conflict(
          own,
          path,
          before,
          mine,
          after,
          was === undefined ? 'both added it, differently' : 'both changed it, differently',
        )
      } else this.#setField(own, path, after)
    }
  }

  /** Members of a group come and go one by one. */
  #group(was: GraphItem | undefined, own: GraphItem, other: GraphItem): void {
    const without = (item: GraphItem | undefined) =>
      item && { ...item, meaning: { ...(item.meaning as object), nodes: undefined }, kind: 'field' as const }
    const lists = [was, own, other].map((item) => membersOf(item))
    const [before = [], mine = [], after = []] = lists
    const path = [...own.path, 'nodes']
    const listed = this.#draft.get(path)
    const kept = (Array.isArray(listed) ? listed : mine).filter((id) => after.includes(id) || !before.includes(id))
    const come = after.filter((id) => !before.includes(id) && !mine.includes(id) && this.#hasNode(id))
    this.#draft.set(path, [...kept, ...come])
    const [base, ours, theirs] = [without(was), without(own), without(other)]
    if (!ours || !theirs) return
    const conflicts = this.#conflicts.length
    this.#fields(base, ours, theirs)
    for (const conflict of this.#conflicts.slice(conflicts)) conflict.kind = 'group'
  }

  #add(item: GraphItem): void {
    const value = new Draft(this.#theirs).get(item.path)
    const place = item.path.at(-1)
    const holder = item.path.slice(0, -1)
    if (typeof place !== 'number') {
      this.#draft.ensureRecord(holder)
      return this.#draft.set(item.path, value)
    }
    this.#draft.ensureList(holder)
    const list = this.#draft.get(holder)
    this.#draft.add([...holder, Array.isArray(list) ? list.length : 0], value)
  }

  #setField(own: GraphItem, path: JsonPath, value: unknown): void {
    const place = [...own.path, ...path]
    if (value === undefined) return this.#draft.remove(place)
    this.#draft.ensureRecord(place.slice(0, -1))
    this.#draft.set(place, value)
  }

  #isKeptNode({ kind, name }: GraphItem): boolean {
    return kind === 'node' && this.#kept.has(name)
  }

  #hasNode(id: string): boolean {
    const key = `node ${id}`
    const { base, ours, theirs } = this.#items
    if (ours.has(key)) return theirs.has(key) || !base.has(key) || this.#kept.has(id)
    return theirs.has(key) && !base.has(key)
  }

  #nodesWeNeed(): Set<string> {
    const { base, ours, theirs } = this.#items
    const isGone = (id: string) => base.has(`node ${id}`) && !theirs.has(`node ${id}`)
    const changed = [...ours].filter(([key, item]) => !sameJson(base.get(key)?.meaning, item.meaning) || !base.has(key))
    const used = changed.flatMap(([, { kind, name, needs }]) => (kind === 'node' ? [name] : needs))
    return new Set(used.filter((id) => isGone(id) && ours.has(`node ${id}`)))
  }

  #conflict(item: GraphItem, path: JsonPath, base: unknown, ours: unknown, theirs: unknown, why: string): void {
    const field = path.length === 0 ? '' : `, ${path.join('.')}`
    this.#conflicts.push({
      code: 'MERGE_CONFLICT',
      kind: item.kind,
      name: item.name,
      path,
      ...(base !== undefined && { base }),
      ...(ours !== undefined && { ours }),
      ...(theirs !== undefined && { theirs }),
      message: `${item.kind} ${JSON.stringify(item.name)}${field}: ${why}; ours stands`,
    })
  }
}

function membersOf(item: GraphItem | undefined): string[] {
  const nodes = isRecord(item?.meaning) ? item.meaning['nodes'] : undefined
  return Array.isArray(nodes) ? nodes.map(String) : []
}

function fieldOf(value: unknown, path: JsonPath): unknown {
  return path.reduce<unknown>((part, step) => (isRecord(part) ? part[step] : undefined), value)
}

/** Items of lists from the last to the first, so that places stay what they were. */
function inRemovalOrder(paths: readonly JsonPath[]): JsonPath[] {
  const indexOf = (path: JsonPath) => {
    const last = path.at(-1)
    return typeof last === 'number' ? last : Infinity
  }
  return paths.toSorted((one, other) => indexOf(other) - indexOf(one))
}
