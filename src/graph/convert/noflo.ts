import type { GraphConnection, GraphEdge, GraphExport } from '../../shared/index.ts'
import { isRecord } from '../graph-parts.ts'
import { edgeOf, initialOf, wireOf, type ConversionNote, type ImportedGraph } from './conversion.ts'

/** Whether a JSON value is a graph as NoFlo writes it: `processes` by name, `connections` from `src` (or `data`) to `tgt`. */
export function isNoFloGraph(value: unknown): boolean {
  if (!isRecord(value) || !isRecord(value['processes'])) return false
  const connections = value['connections'] ?? []
  return Array.isArray(connections) && connections.every((entry) => isRecord(entry) && isRecord(entry['tgt']))
}

/**
 * Reads a NoFlo graph (flowbased.github.io/fbp-protocol, `graph.json`): metadata becomes config and place, groups and exported
 * ports stay, array ports get their index into the name (`in[2]`). Never throws: what cannot be kept is noted.
 */
export function fromNoFlo(value: unknown, name: string): ImportedGraph {
  const source = isRecord(value) ? value : {}
  const notes: ConversionNote[] = []
  const given = isRecord(source['properties']) ? source['properties'] : {}
  const isCaseSensitive = source['caseSensitive'] === true
  const port = (text: string) => (isCaseSensitive ? text : text.toLowerCase())
  if (!isCaseSensitive)
    notes.push({
      type: 'changed',
      message: 'the file does not tell upper from lower case, so port names are in lower case',
    })
  const processes = Object.fromEntries(
    Object.entries(isRecord(source['processes']) ? source['processes'] : {}).map(([id, process]) => {
      const component = isRecord(process) && typeof process['component'] === 'string' ? process['component'] : ''
      if (component === '') notes.push({ type: 'changed', node: id, message: `node "${id}" has no component` })
      const metadata = metadataOf(isRecord(process) ? process['metadata'] : undefined)
      return [id, { id, component, ...(metadata && { metadata }) }]
    }),
  )
  const connections = (Array.isArray(source['connections']) ? source['connections'] : []).flatMap(
    (entry: unknown, index): GraphConnection[] => {
      const connection = readConnection(entry, port)
      if (!connection) notes.push({ type: 'lost', message: `connection ${index} has no beginning or no end` })
      return connection ? [connection] : []
    },
  )
  const graph: GraphExport = {
    caseSensitive: true,
    properties: { ...given, name: typeof given['name'] === 'string' && given['name'] !== '' ? given['name'] : name },
    processes,
    connections,
    inports: outerPorts(source['inports'], port, notes),
    outports: outerPorts(source['outports'], port, notes),
    groups: groupsOf(source['groups']),
  }
  return { graph, notes }
}

function metadataOf(metadata: unknown): Record<string, unknown> | undefined {
  if (!isRecord(metadata)) return undefined
  const { x, y, ...rest } = metadata
  const isPlaced = typeof x === 'number' && typeof y === 'number'
  const kept = { ...rest, ...(isPlaced && { position: { x, y } }) }
  return Object.keys(kept).length > 0 ? kept : undefined
}

function readConnection(entry: unknown, port: (text: string) => string): GraphConnection | undefined {
  if (!isRecord(entry)) return undefined
  const to = endOf(entry['tgt'], port)
  if (!to) return undefined
  if (entry['data'] !== undefined) return initialOf(to, entry['data'])
  const from = endOf(entry['src'], port)
  if (!from) return undefined
  return wireOf(from, to, isRecord(entry['metadata']) ? entry['metadata'] : undefined)
}

function endOf(end: unknown, port: (text: string) => string): { node: string; port: string } | undefined {
  if (!isRecord(end) || typeof end['process'] !== 'string' || typeof end['port'] !== 'string') return undefined
  const index = typeof end['index'] === 'number' ? `[${end['index']}]` : ''
  return { node: end['process'], port: `${port(end['port'])}${index}` }
}

function outerPorts(
  ports: unknown,
  port: (text: string) => string,
  notes: ConversionNote[],
): Record<string, GraphEdge> {
  return Object.fromEntries(
    Object.entries(isRecord(ports) ? ports : {}).flatMap(([name, end]): [string, GraphEdge][] => {
      const inner = endOf(end, port)
      if (!inner) notes.push({ type: 'lost', message: `the exported port "${name}" leads nowhere` })
      return inner ? [[port(name), { ...edgeOf(inner.node, port(name)), portName: inner.port }]] : []
    }),
  )
}

function groupsOf(groups: unknown): NonNullable<GraphExport['groups']> {
  return (Array.isArray(groups) ? groups : []).flatMap((group: unknown, index) => {
    if (!isRecord(group) || !Array.isArray(group['nodes'])) return []
    const { name, nodes, metadata } = group
    return [
      {
        id: typeof name === 'string' && name !== '' ? name : `group${index + 1}`,
        nodes: nodes.filter((node) => typeof node === 'string'),
        ...(isRecord(metadata) && { metadata }),
      },
    ]
  })
}
