import type { GraphExport } from '../../shared/index.ts'
import { applyCommands } from '../edit/apply-command.ts'
import { sameJson } from '../edit/same-json.ts'
import { isRecord } from '../graph-parts.ts'
import type { JsonPath } from '../json-text.ts'
import { itemsOf, type GraphItem, type ItemKind } from './graph-item.ts'

/** One difference between two graphs, as data. */
export type GraphDifference =
  | { type: 'added'; kind: ItemKind; name: string; value: unknown }
  | { type: 'removed'; kind: ItemKind; name: string; value: unknown }
  /** `path` leads to the field within the thing; a side on which it is missing is left out. */
  | { type: 'changed'; kind: ItemKind; name: string; path: JsonPath; before?: unknown; after?: unknown }
  /** A node that says the same under another id; what names it follows and is no difference. */
  | { type: 'renamed'; kind: 'node'; name: string; to: string }

/** Compares what two graphs say. Layout of the text, order, and what says nothing (nulls, empty objects) make no difference. */
export function diffGraphs(before: GraphExport, after: GraphExport): GraphDifference[] {
  if (before === after) return []
  const renames = renamesBetween(before, after)
  const renamed = renames.map(({ name, to }) => ({ type: 'renameNode' as const, id: name, to }))
  const old = itemsOf(renames.length === 0 ? before : applyCommands(before, renamed).graph)
  const now = itemsOf(after)
  const removed: GraphDifference[] = []
  const changed: GraphDifference[] = []
  for (const [key, { kind, name, meaning }] of old) {
    const other = now.get(key)
    if (other === undefined) removed.push({ type: 'removed', kind, name, value: meaning })
    else
      for (const { path, before: from, after: to } of fieldsBetween(meaning, other.meaning))
        changed.push({
          type: 'changed',
          kind,
          name,
          path,
          ...(from !== undefined && { before: from }),
          ...(to !== undefined && { after: to }),
        })
  }
  const added = [...now].flatMap(([key, { kind, name, meaning }]): GraphDifference[] =>
    old.has(key) ? [] : [{ type: 'added', kind, name, value: meaning }],
  )
  return [...renames, ...added, ...removed, ...changed]
}

/** One field that two values do not have in common; `undefined` stands for missing. */
export interface FieldDifference {
  path: JsonPath
  before: unknown
  after: unknown
}

/** Lists the fields in which two values differ, as deep as both are objects. */
export function fieldsBetween(one: unknown, other: unknown, path: JsonPath = []): FieldDifference[] {
  if (one === other) return []
  const step = path.at(-1)
  // A field in metadata that was not there is the difference, not the metadata around it.
  const isHolder = step === undefined || step === 'metadata' || step === 'millrace'
  const before = isHolder && one === undefined && isRecord(other) ? {} : one
  const after = isHolder && other === undefined && isRecord(one) ? {} : other
  // A place is one thing, not two numbers.
  if (step === 'position') return sameJson(before, after) ? [] : [{ path, before, after }]
  if (!isRecord(before) || !isRecord(after)) return sameJson(before, after) ? [] : [{ path, before, after }]
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) => fieldsBetween(before[key], after[key], [...path, key]))
}

type Rename = Extract<GraphDifference, { type: 'renamed' }>

/** Nodes that went and came with the same, telling content. */
function renamesBetween(before: GraphExport, after: GraphExport): Rename[] {
  const gone = nodesOnlyIn(before, after)
  if (gone.length === 0) return []
  const come = nodesOnlyIn(after, before)
  return gone.flatMap((node): Rename[] => {
    const isTwin = (other: GraphItem) => sameJson(other.meaning, node.meaning)
    const twins = come.filter(isTwin)
    const isTelling = isRecord(node.meaning) && node.meaning['metadata'] !== undefined
    if (!isTelling || twins.length !== 1 || gone.filter(isTwin).length !== 1 || !twins[0]) return []
    return [{ type: 'renamed', kind: 'node', name: node.name, to: twins[0].name }]
  })
}

function nodesOnlyIn(graph: GraphExport, other: GraphExport): GraphItem[] {
  const known = other.processes ?? {}
  const only = Object.entries(graph.processes ?? {}).filter(([id]) => !Object.hasOwn(known, id))
  const processes = Object.fromEntries(only)
  return [...itemsOf({ caseSensitive: true, properties: {}, processes }).values()].filter(({ kind }) => kind === 'node')
}
