import type { GraphExport } from '../../../shared/index.ts'
import { isRecord, millraceOf } from '../../graph-parts.ts'
import type { GraphDraft } from '../graph-draft.ts'

/** The notes on the canvas, as the file has them. */
export function notesOf(graph: GraphExport): Record<string, unknown>[] {
  const notes = millraceOf(graph.properties)['notes']
  return Array.isArray(notes) ? notes.filter(isRecord) : []
}

/** Takes entries out of a list of `properties.millrace`, and with the last one the list. */
export function takeListed(
  on: GraphDraft,
  list: 'initials' | 'notes',
  isTaken: (entry: Record<string, unknown>) => boolean,
): void {
  const path = ['properties', 'millrace', list]
  const entries: unknown = on.draft.get(path)
  if (!Array.isArray(entries)) return
  const kept = entries.filter((entry: unknown) => !isRecord(entry) || !isTaken(entry))
  if (kept.length === entries.length) return
  if (kept.length > 0) return on.draft.set(path, kept)
  on.draft.remove(path)
  if (Object.keys(millraceOf(on.graph.properties)).length === 0) on.draft.remove(['properties', 'millrace'])
}

/** Adds entries to a list of `properties.millrace`. */
export function addListed(on: GraphDraft, list: 'initials' | 'notes', entries: readonly unknown[]): void {
  const path = ['properties', 'millrace', list]
  if (entries.length === 0) return
  on.draft.ensureList(path)
  const there: unknown = on.draft.get(path)
  on.draft.set(path, [...(Array.isArray(there) ? (there as unknown[]) : []), ...entries])
}
