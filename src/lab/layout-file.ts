import path from 'node:path'
import { builtInActors } from '../actors/index.ts'
import { applyCommands, layoutCommands, nodesOf, parseGraph, rewriteJson } from '../graph/index.ts'
import type { ActorDescription, GraphExport } from '../shared/index.ts'
import { describeActors } from './actor-catalogue.ts'
import { describeInnerGraphs } from './graph-files.ts'
import { layoutGraph, type LayoutOptions } from './layout.ts'
import { readTextFile } from './text-file.ts'
import { writeTextFile } from './write-text-file.ts'

/** What laying a file out came to. */
export interface LayoutOutcome {
  output: string
  nodes: number
  moved: number
  elapsedMs: number
}

/**
 * Places the nodes of a graph file and writes it; everything else in the file stays as it is written.
 * @throws MillraceError what is wrong with the file, `CANCELLED`, `LAYOUT_FAILED`; then nothing is written.
 */
export async function layoutFile(
  file: string,
  { output, keep, ...options }: LayoutOptions & { output: string; keep: 'order' | 'nothing' },
): Promise<LayoutOutcome> {
  const text = readTextFile(file)
  const graph = parseGraph(text, file)
  const { positions, elapsedMs } = await layoutGraph({ graph, catalogue: catalogueFor(graph, file), keep }, options)
  const commands = layoutCommands(graph, positions)
  const { graph: moved } = applyCommands(graph, commands)
  if (commands.length > 0 || path.resolve(output) !== path.resolve(file))
    writeTextFile(output, rewriteJson(text, graph, moved))
  return { output, nodes: nodesOf(graph).length, moved: commands.length, elapsedMs }
}

/** The actors a graph may use: those built in, and the graphs that its nodes name. */
export function catalogueFor(graph: GraphExport, file: string): ActorDescription[] {
  const builtIn = describeActors(builtInActors)
  return [...builtIn, ...describeInnerGraphs(graph, file, builtIn)]
}
