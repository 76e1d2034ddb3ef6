import path from 'node:path'
import {
  formatFile,
  fromFbp,
  fromNodeRed,
  fromNoFlo,
  isNodeRedFlow,
  isNoFloGraph,
  nodesOf,
  parseGraph,
  readJsonText,
  toFbp,
  toMermaid,
  toSvg,
  type ConversionNote,
  type ImportedGraph,
} from '../graph/index.ts'
import { MillraceError, type GraphExport } from '../shared/index.ts'
import { catalogueFor } from './layout-file.ts'
import { layoutGraph } from './layout.ts'
import { readTextFile } from './text-file.ts'
import { writeTextFile } from './write-text-file.ts'

/** What a conversion came to. */
export interface ConversionOutcome {
  /** What the input was taken for. */
  format: 'graph' | 'fbp' | 'noflo' | 'node-red'
  nodes: number
  wires: number
  notes: ConversionNote[]
}

const outputs = ['.graph.json', '.fbp', '.mmd', '.svg']

/**
 * Reads a graph of any known format and writes it in the one that the name of the output says.
 * @throws MillraceError `USAGE` for an output of no known format; what is wrong with the input; then nothing is written.
 */
export async function convertFile(input: string, output: string): Promise<ConversionOutcome> {
  const ending = outputs.find((known) => output.endsWith(known))
  if (ending === undefined)
    throw new MillraceError(
      'USAGE',
      `${output}: its name should end in ${outputs.slice(0, -1).join(', ')} or ${outputs.at(-1)}`,
    )
  const text = readTextFile(input)
  const { format, graph, notes } = importText(text, input)
  const written = await exportGraph(graph, ending, input)
  writeTextFile(output, written.text)
  return {
    format,
    nodes: nodesOf(graph).length,
    wires: graph.connections?.length ?? 0,
    notes: [...notes, ...written.notes],
  }
}

/** Reads a graph of any known format, told by its content. `file` is named in errors. */
export function importText(text: string, file: string): ImportedGraph & { format: ConversionOutcome['format'] } {
  const name = path.basename(file).replace(/\.(graph\.json|json|fbp)$/, '')
  if (file.endsWith('.fbp')) return { format: 'fbp', ...fromFbp(text, file, name) }
  const value = readJsonText(text)
  if (isNodeRedFlow(value)) return { format: 'node-red', ...fromNodeRed(value, name) }
  if (isNoFloGraph(value)) return { format: 'noflo', ...fromNoFlo(value, name) }
  return { format: 'graph', graph: parseGraph(text, file), notes: [] }
}

async function exportGraph(
  graph: GraphExport,
  ending: string,
  input: string,
): Promise<{ text: string; notes: ConversionNote[] }> {
  if (ending === '.graph.json') return { text: formatFile(graph), notes: [] }
  if (ending === '.fbp') return toFbp(graph)
  if (ending === '.mmd') return { text: toMermaid(graph), notes: [] }
  const catalogue = catalogueFor(graph, input)
  const nodes = nodesOf(graph)
  const isDrawn = nodes.length > 0 && nodes.every(({ position }) => position !== undefined)
  const positions = isDrawn
    ? Object.fromEntries(nodes.map(({ id, position }) => [id, position ?? { x: 0, y: 0 }]))
    : (await layoutGraph({ graph, catalogue, keep: 'nothing' })).positions
  return { text: toSvg(graph, positions, catalogue), notes: [] }
}
