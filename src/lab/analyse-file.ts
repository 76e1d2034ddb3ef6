import * as v from 'valibot'
import {
  analyseGraph,
  analyseNetwork,
  fileKind,
  instanceName,
  nodesOf,
  parseGraph,
  parseLab,
  type LoadSample,
} from '../graph/index.ts'
import {
  MillraceError,
  nodeSnapshotSchema,
  wireSnapshotSchema,
  type AnalysisRequest,
  type GraphAnalysis,
  type GraphExport,
  type NetworkLoad,
} from '../shared/index.ts'
import { openInnerGraphs } from './graph-files.ts'
import { graphFileOf } from './lab-source.ts'
import { readTextFile, shownPath } from './text-file.ts'

/** What was found out about one graph. */
export interface FileAnalysis {
  /** The graph file, as a person would name it. */
  file: string
  /** The instances of a lab that are made of it. */
  instances: string[]
  analysis: GraphAnalysis
}

/**
 * Analyses a graph file, or every graph of a lab. Graphs inside graphs are laid open first, since they run so.
 * @throws MillraceError what is wrong with a file; `NODE_UNKNOWN` when no graph has a node that the request names.
 */
export function analyseFile(file: string, request: AnalysisRequest): FileAnalysis[] {
  const text = readTextFile(file)
  if (fileKind(text, file) === 'graph') {
    const { graph } = openInnerGraphs(parseGraph(text, file), file)
    return [{ file, instances: [], analysis: analyseGraph(graph, request) }]
  }
  const made = new Map<string, { instances: string[]; graph: GraphExport }>()
  for (const instance of parseLab(text, file).instances) {
    const where = shownPath(graphFileOf(file, instance))
    const known = made.get(where)
    if (known) known.instances.push(instanceName(instance))
    else {
      const { graph } = openInnerGraphs(parseGraph(readTextFile(where), where), where)
      made.set(where, { instances: [instanceName(instance)], graph })
    }
  }
  const all = [...made].map(([where, found]) => ({ file: where, ...found }))
  const named = [request.node, request.from, request.to].filter((id) => id !== undefined)
  const hasAll = ({ graph }: { graph: GraphExport }) =>
    named.every((id) => nodesOf(graph).some((node) => node.id === id))
  const wanted = named.length === 0 ? all : all.filter(hasAll)
  if (wanted.length === 0)
    throw new MillraceError(
      'NODE_UNKNOWN',
      `no graph of ${file} has ${named.map((id) => `"${id}"`).join(' and ')}; its graphs are ${all.map((one) => one.file).join(', ')}`,
    )
  return wanted.map(({ graph, ...rest }) => ({ ...rest, analysis: analyseGraph(graph, request) }))
}

const statusSchema = v.object({
  networkId: v.string(),
  instanceId: v.string(),
  nodes: v.array(nodeSnapshotSchema),
  wires: v.array(wireSnapshotSchema),
})

/**
 * Analyses what runs, from two answers of its `GET /status` that are `overMs` apart.
 * @throws MillraceError `PROTOCOL_ERROR` when they are not answers of this version of Millrace; `NODE_UNKNOWN`.
 */
export function analyseStatus(
  [before, now]: readonly [unknown, unknown],
  overMs: number,
  endpoint: string,
  request: AnalysisRequest,
): { instance: string; analysis: GraphAnalysis; load: NetworkLoad } {
  const [first, second] = [parseStatus(before, endpoint), parseStatus(now, endpoint)]
  const sample = ({ nodes, wires }: typeof first, timeMs: number): LoadSample => ({ timeMs, nodes, wires })
  return {
    instance: `${second.networkId}/${second.instanceId}`,
    ...analyseNetwork(sample(first, 0), sample(second, overMs), request),
  }
}

function parseStatus(answer: unknown, endpoint: string): v.InferOutput<typeof statusSchema> {
  const reading = v.safeParse(statusSchema, answer)
  if (reading.success) return reading.output
  throw new MillraceError('PROTOCOL_ERROR', `${endpoint} does not tell which nodes and wires it runs`)
}
