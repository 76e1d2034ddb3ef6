import { applyCommands, checkGraph, fileKind, readGraph, rewriteJson } from '../graph/index.ts'
import { isMillraceError } from '../shared/index.ts'
import { catalogueFor } from './layout-file.ts'
import { readTextFile } from './text-file.ts'
import { writeTextFile } from './write-text-file.ts'

/** No file that a person wrote has more slips that mend themselves. */
const mostFixes = 1_000

/**
 * Mends in a graph file what can be mended without a doubt and without losing anything, one thing after the other, and answers
 * what was done. Files that are no graph, or cannot be read, are left as they are.
 */
export function fixFile(file: string): string[] {
  const text = readTextFile(file)
  const reading = fileKind(text, file) === 'graph' ? readGraph(text) : undefined
  if (reading?.type !== 'read') return []
  const catalogue = catalogueFor(reading.value, file)
  const done: string[] = []
  let graph = reading.value
  while (done.length < mostFixes) {
    const next = checkGraph(graph, undefined, catalogue).find(({ fix }) => fix?.automatic)
    if (!next?.fix) break
    try {
      graph = applyCommands(graph, next.fix.commands).graph
    } catch (error) {
      // It cannot be mended this way after all; the check goes on to tell of it.
      if (isMillraceError(error)) break
      throw error
    }
    done.push(`${next.pointer}: ${next.fix.title}`)
  }
  if (done.length > 0) writeTextFile(file, rewriteJson(text, reading.value, graph))
  return done
}
