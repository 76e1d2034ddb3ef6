import fbp from 'fbp'
import { MillraceError, type GraphExport } from '../../shared/index.ts'
import { isInitial, isRecord } from '../graph-parts.ts'
import { readGraph } from '../graph-file.ts'
import { outerEnd } from '../compose/subgraph.ts'
import { takeName, type ImportedGraph } from './conversion.ts'
import { fromNoFlo } from './noflo.ts'

/** What .fbp has no words for stands in a comment, so that it comes back. Other tools pass over it. */
const wholeMark = '# millrace: '

/**
 * Reads `.fbp` text (github.com/flowbased/fbp). A text that `toFbp` wrote, and whose wiring was not changed since, gives back the
 * very graph, config and all.
 * @throws MillraceError `FILE_INVALID`: `file:line:column: what was expected`.
 */
export function fromFbp(text: string, file: string, name: string): ImportedGraph {
  const read = fromNoFlo(parseFbp(text, file), name)
  const kept = keptGraph(text)
  if (!kept) return read
  const isSame = toFbp(kept).text === `${text.replaceAll('\r\n', '\n').trimEnd()}\n`
  if (isSame) return { graph: kept, notes: [] }
  const processes = Object.fromEntries(
    Object.entries(read.graph.processes ?? {}).map(([id, node]) => {
      const before = kept.processes?.[id]
      return [id, before?.component === node.component ? before : node]
    }),
  )
  const message =
    'the wiring was changed since Millrace wrote this file; options of wires and kinds of messages are not kept'
  return { graph: { ...read.graph, properties: kept.properties, processes }, notes: [{ type: 'changed', message }] }
}

/** Writes a graph as `.fbp` text. Names that the language does not allow are written differently, which the notes say. */
export function toFbp(graph: GraphExport): { text: string; notes: ImportedGraph['notes'] } {
  const notes: ImportedGraph['notes'] = []
  const names = safeNames(graph, notes)
  const declared = new Set<string>()
  const node = (id: string): string => {
    const name = names.get(id) ?? id
    if (declared.has(id)) return name
    declared.add(id)
    return `${name}(${safeComponent(graph.processes?.[id]?.component ?? '')})`
  }
  const lines: string[] = []
  const title = graph.properties['name']
  if (typeof title === 'string' && /^[\w .-]+$/.test(title)) lines.push(`# @name ${title}`)
  for (const [side, keyword] of [
    ['inports', 'INPORT'],
    ['outports', 'OUTPORT'],
  ] as const)
    for (const [outer, edge] of Object.entries(graph[side] ?? {})) {
      const end = outerEnd(edge)
      if (names.has(end.node)) lines.push(`${keyword}=${names.get(end.node)}.${safePort(end.port)}:${safePort(outer)}`)
    }
  for (const connection of graph.connections ?? []) {
    const { from, to, data } = connection
    if (!names.has(to.nodeId) || (!isInitial(connection) && !names.has(from.nodeId))) {
      notes.push({ type: 'lost', message: `a wire from "${from.nodeId}" to "${to.nodeId}", which are not both there` })
      continue
    }
    const begin = isInitial(connection) ? literal(data) : `${node(from.nodeId)} ${safePort(from.portId)}`
    lines.push(`${begin} -> ${safePort(to.portId)} ${node(to.nodeId)}`)
  }
  // A node without wires has to be named somewhere: alone on a line it is an inport that nothing feeds.
  const lonely = [...names.keys()].filter((id) => !declared.has(id))
  for (const id of lonely)
    notes.push({
      type: 'lost',
      node: id,
      message: `node "${id}" is wired to nothing; .fbp can only name nodes that are (Millrace finds it in the comment)`,
    })
  lines.push(`${wholeMark}${JSON.stringify(graph)}`)
  return { text: `${lines.join('\n')}\n`, notes }
}

function parseFbp(text: string, file: string): unknown {
  try {
    // It keeps its state on `this`. The grammar knows neither tabs nor the line break of Windows.
    return fbp.parse(text.replaceAll('\r\n', '\n').replaceAll('\t', ' '), {
      caseSensitive: true,
      validateSchema: false,
    })
  } catch (error) {
    const { location, message } = error as { location?: { start: { line: number; column: number } }; message?: string }
    const at = location ? `${file}:${location.start.line}:${location.start.column}` : file
    const reason = shortened(String(message ?? error))
    throw new MillraceError('FILE_INVALID', `${at}: ${reason}`, { cause: error })
  }
}

/** The parser lists every letter it would have taken. */
function shortened(message: string): string {
  const found = /but (.{1,40}) found\.?$/.exec(message)
  if (!found) return message.slice(0, 200)
  return `expected "NODE(Component) PORT -> PORT NODE", "'data' -> PORT NODE" or a comment, found ${found[1]}`
}

function keptGraph(text: string): GraphExport | undefined {
  const line = text.split(/\r?\n/).find((one) => one.startsWith(wholeMark))
  const reading = line === undefined ? undefined : readGraph(line.slice(wholeMark.length))
  return reading?.type === 'read' ? reading.value : undefined
}

function safeNames(graph: GraphExport, notes: ImportedGraph['notes']): Map<string, string> {
  const taken = new Set<string>()
  return new Map(
    Object.keys(graph.processes ?? {}).map((id) => {
      const plain = id.replaceAll(/[^a-zA-Z0-9_-]/g, '_').replace(/^(?![a-zA-Z_])/, '_')
      const name = takeName(plain, taken)
      if (name !== id) notes.push({ type: 'changed', node: id, message: `node "${id}" is called "${name}" in .fbp` })
      return [id, name] as const
    }),
  )
}

function safeComponent(component: string): string {
  return component.replaceAll(/[^a-zA-Z0-9_/-]/g, '_')
}

function safePort(port: string): string {
  const [, name = '', index = ''] = /^(.*?)(\[\d+\])?$/.exec(port) ?? []
  return `${name.replaceAll(/[^a-zA-Z0-9_.]/g, '_').replace(/^(?![a-zA-Z_])/, '_')}${index}`
}

/** A text in quotes where it has none of its own; whatever else as JSON, which the language takes as it is. */
function literal(data: unknown): string {
  if (typeof data === 'string' && /^[^'\\\n]*$/.test(data)) return `'${data}'`
  return JSON.stringify(isRecord(data) || Array.isArray(data) ? data : (data ?? null))
}
