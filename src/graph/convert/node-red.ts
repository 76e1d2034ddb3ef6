import type { GraphConnection, GraphExport } from '../../shared/index.ts'
import { isRecord } from '../graph-parts.ts'
import { takeName, wireOf, type ConversionNote, type ImportedGraph } from './conversion.ts'
import { nodeRedCounterparts, type Counterpart } from './node-red-nodes.ts'

/** Whether a JSON value is an export of Node-RED: a list of nodes, each with an id and a type. */
export function isNodeRedFlow(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((node) => isRecord(node) && typeof node['id'] === 'string' && typeof node['type'] === 'string')
  )
}

interface FlowNode {
  id: string
  type: string
  fields: Record<string, unknown>
}

/** Never copied: whoever gets the graph file would have them. */
const secretField = /password|passwd|secret|token|credential|api_?key|private_?key/i
const ownFields = new Set(['id', 'type', 'z', 'g', 'x', 'y', 'w', 'h', 'wires', 'name', 'd', 'l', 'info', 'icon'])

/**
 * Reads Node-RED's flows (nodered.org/docs, "flow file format"), tabs and subflows in one graph. A node whose work an actor of
 * Millrace does becomes that actor; every other one becomes a placeholder that keeps its wires and its settings, is an error of
 * `check` until somebody chooses an actor for it, and is noted. Credentials are left out. Never throws.
 */
export function fromNodeRed(value: unknown, name: string): ImportedGraph {
  const notes: ConversionNote[] = []
  const all = (Array.isArray(value) ? value : []).flatMap((entry: unknown): FlowNode[] => {
    if (!isRecord(entry) || typeof entry['id'] !== 'string' || typeof entry['type'] !== 'string') return []
    return [{ id: entry['id'], type: entry['type'], fields: entry }]
  })
  const byId = new Map(all.map((node) => [node.id, node]))
  const isCanvas = ({ type }: FlowNode) => ['tab', 'group', 'comment', 'subflow', 'junction'].includes(type)
  const placed = all.filter(
    (node) => !isCanvas(node) && typeof node.fields['z'] === 'string' && node.fields['z'] !== '',
  )
  const taken = new Set<string>()
  const names = new Map(placed.map((node) => [node.id, takeName(nameOf(node), taken)]))
  const processes: NonNullable<GraphExport['processes']> = {}
  const counterparts = new Map<string, Counterpart | undefined>()
  for (const node of placed) {
    const id = names.get(node.id) ?? node.id
    const found = nodeRedCounterparts[node.type]?.(node.fields, (other) => byId.get(other)?.fields)
    counterparts.set(node.id, found)
    processes[id] = {
      id,
      component: found?.component ?? `node-red/${node.type.replaceAll(/[\s@]+/g, '-')}`,
      metadata: { ...found?.config, ...canvasOf(node, found, notes, id) },
    }
    if (found)
      for (const message of found.changed)
        notes.push({ type: 'changed', node: id, message: `"${id}" (${node.type}): ${message}` })
    else
      notes.push({
        type: 'placeholder',
        node: id,
        message: `"${id}" is a placeholder: Node-RED's "${node.type}" has no counterpart here`,
      })
  }
  const connections = placed.flatMap((node) => wiresFrom(node, { byId, names, counterparts, notes }))
  for (const node of all.filter(({ type }) => type === 'subflow'))
    notes.push({
      type: 'lost',
      message: `the subflow "${text(node.fields['name']) || node.id}" is laid out as a part of its own; its instances are placeholders`,
    })
  const groups = all
    .filter(({ type }) => type === 'tab' || type === 'group' || type === 'subflow')
    .flatMap((canvas) => {
      const key = canvas.type === 'group' ? 'g' : 'z'
      const nodes = placed.flatMap((node) => (node.fields[key] === canvas.id ? (names.get(node.id) ?? []) : []))
      const label = text(canvas.fields['label']) || text(canvas.fields['name']) || canvas.id
      return nodes.length > 0 ? [{ id: label, nodes }] : []
    })
  const comments = all
    .filter(({ type }) => type === 'comment')
    .map((node) => ({
      id: node.id,
      text: [text(node.fields['name']), text(node.fields['info'])].filter(Boolean).join('\n'),
      ...positionOf(node),
    }))
  const ids = new Set<string>()
  const graph: GraphExport = {
    caseSensitive: true,
    properties: { name, ...(comments.length > 0 && { millrace: { notes: comments } }) },
    processes,
    connections,
    inports: {},
    outports: {},
    groups: groups.map((group) => ({ ...group, id: takeName(group.id, ids) })),
  }
  return { graph, notes }
}

function nameOf({ type, id, fields }: FlowNode): string {
  const given = text(fields['name'])
    .replaceAll(/[/@\p{Cc}]+/gu, '_')
    .trim()
  return given === '' ? `${type.replaceAll(/[\s/@]+/g, '-')}_${id.slice(0, 6)}` : given.slice(0, 80)
}

/** What belongs to the picture, and what a placeholder keeps of the node that it stands for. */
function canvasOf(
  node: FlowNode,
  found: Counterpart | undefined,
  notes: ConversionNote[],
  id: string,
): Record<string, unknown> {
  const { fields } = node
  if (fields['d'] === true) notes.push({ type: 'changed', node: id, message: `"${id}" was disabled in Node-RED` })
  const entries = Object.entries(fields).filter(([key]) => !ownFields.has(key))
  const secrets = entries.filter(([key, value]) => secretField.test(key) && value !== '' && typeof value !== 'boolean')
  for (const [key] of secrets)
    notes.push({ type: 'lost', node: id, message: `"${id}": "${key}" looks like a secret and was left out` })
  const kept = Object.fromEntries(entries.filter(([key]) => !secretField.test(key)))
  return {
    ...positionOf(node),
    ...(!found && { millrace: { placeholder: { from: 'node-red', type: node.type, settings: kept } } }),
  }
}

function positionOf({ fields: { x, y } }: FlowNode): { position?: { x: number; y: number } } {
  return typeof x === 'number' && typeof y === 'number' ? { position: { x, y } } : {}
}

interface Lookup {
  byId: ReadonlyMap<string, FlowNode>
  names: ReadonlyMap<string, string>
  counterparts: ReadonlyMap<string, Counterpart | undefined>
  notes: ConversionNote[]
}

function wiresFrom(node: FlowNode, { byId, names, counterparts, notes }: Lookup): GraphConnection[] {
  const from = names.get(node.id) ?? node.id
  const outputs = Array.isArray(node.fields['wires']) ? node.fields['wires'] : []
  const linked = node.type === 'link out' && Array.isArray(node.fields['links']) ? [node.fields['links']] : []
  return [...outputs, ...linked].flatMap((targets: unknown, output) =>
    throughJunctions(targets, byId).flatMap((target): GraphConnection[] => {
      const to = names.get(target)
      if (to === undefined) {
        notes.push({
          type: 'lost',
          node: from,
          message: `a wire of "${from}" leads to "${target}", which is not in the file`,
        })
        return []
      }
      const source = counterparts.get(node.id)
      const sink = counterparts.get(target)
      const outport = source ? source.outports[output] : `Output${output === 0 ? '' : output + 1}`
      const inport = sink ? sink.inport : 'Input'
      if (outport === undefined || inport === undefined) {
        notes.push({
          type: 'lost',
          node: from,
          message: `the wire from output ${output + 1} of "${from}" to "${to}" has no port to go to`,
        })
        return []
      }
      return [wireOf({ node: from, port: outport }, { node: to, port: inport })]
    }),
  )
}

/** The nodes at the end of wires; a junction only splits them. */
function throughJunctions(targets: unknown, byId: ReadonlyMap<string, FlowNode>): string[] {
  const open = (Array.isArray(targets) ? targets : []).filter((id): id is string => typeof id === 'string')
  const seen = new Set(open)
  const found: string[] = []
  for (const id of open) {
    const node = byId.get(id)
    if (node?.type !== 'junction') {
      found.push(id)
      continue
    }
    const next = (Array.isArray(node.fields['wires']) ? node.fields['wires'] : []).flat()
    for (const target of next) {
      if (typeof target !== 'string' || seen.has(target)) continue
      seen.add(target)
      open.push(target)
    }
  }
  return [...new Set(found)]
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
