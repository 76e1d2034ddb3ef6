import type { GraphConnection, GraphExport } from '../../shared/index.ts'
import { isRecord } from '../graph-parts.ts'
import { takeName, wireOf, type ConversionNote, type ImportedGraph } from './conversion.ts'
import { beginAndEnd } from './node-red/begin-and-end.ts'
import type { Counterpart, Counterparts } from './node-red/counterpart.ts'
import { filesAndPrograms } from './node-red/files-and-programs.ts'
import { Flow, flowNodesOf, text, type FlowNode } from './node-red/flow.ts'
import { formats } from './node-red/formats.ts'
import { inTime } from './node-red/in-time.ts'
import { network, requestSourceOf } from './node-red/network.ts'
import { routeAndChange } from './node-red/route-and-change.ts'
import { sequences } from './node-red/sequences.ts'
import { expandSubflows, type Expansion } from './node-red/subflows.ts'

/** Whether a JSON value is an export of Node-RED: a list of nodes, each with an id and a type. */
export function isNodeRedFlow(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((node) => isRecord(node) && typeof node['id'] === 'string' && typeof node['type'] === 'string')
  )
}

/**
 * Node-RED's core nodes that have a counterpart in the catalogue, by type. What is not here, functions in JavaScript above all,
 * becomes a placeholder: running something similar would be worse than running nothing.
 */
const counterparts: Counterparts = {
  ...beginAndEnd,
  ...routeAndChange,
  ...inTime,
  ...sequences,
  ...formats,
  ...filesAndPrograms,
  ...network,
}

/** Never copied: whoever gets the graph file would have them. */
const secretField = /password|passwd|secret|token|credential|api_?key|private_?key/i
const secretInAddress = /^\w+:\/\/[^\s/]*@|[?&][^=\s]*(?:password|secret|token|api_?key)[^=\s]*=/i
const ownFields = new Set(['id', 'type', 'z', 'g', 'x', 'y', 'w', 'h', 'wires', 'name', 'd', 'l', 'info', 'icon'])

/**
 * Reads Node-RED's flows (nodered.org/docs, "flow file format"): tabs in one graph, subflows laid open, links and junctions as
 * wires. A node whose work an actor of Millrace does becomes that actor; every other one becomes a placeholder that keeps its wires
 * and its settings, is an error of `check` until somebody chooses an actor for it, and is noted. Credentials are left out. Never throws.
 */
export function fromNodeRed(value: unknown, name: string): ImportedGraph {
  const notes: ConversionNote[] = []
  const { nodes, uses, left } = expandSubflows(flowNodesOf(withoutToString(value)))
  const flow = new Flow(nodes)
  const processes: NonNullable<GraphExport['processes']> = {}
  const found = new Map<string, Counterpart>()
  for (const node of flow.placed) {
    const id = flow.nameOf(node.id) ?? node.id
    const counterpart = counterpartOf(node, flow, left)
    if (typeof counterpart === 'string') {
      const why = `"${id}" is a placeholder: ${counterpart}`
      notes.push({ type: 'placeholder', node: id, message: why })
    } else {
      found.set(node.id, counterpart)
      for (const message of counterpart.changed)
        notes.push({ type: 'changed', node: id, message: `"${id}" (${node.type}): ${message}` })
    }
    const known = typeof counterpart === 'string' ? undefined : counterpart
    processes[id] = {
      id,
      component: known?.component ?? `node-red/${node.type.replaceAll(/[\s@]+/g, '-')}`,
      metadata: { ...known?.config, ...canvasOf(node, known !== undefined, notes, id) },
    }
  }
  const connections = [
    ...flow.placed.flatMap((node) => wiresFrom(node, { flow, found, notes })),
    ...flow.placed.flatMap((node) => answersOf(node, { flow, found, notes })),
  ]
  const comments = nodes
    .filter(({ type }) => type === 'comment')
    .map((node) => ({
      id: node.id,
      text: [text(node.fields['name']), text(node.fields['info'])].filter(Boolean).join('\n'),
      ...positionOf(node),
    }))
  const graph: GraphExport = {
    caseSensitive: true,
    properties: { name, ...(comments.length > 0 && { millrace: { notes: comments } }) },
    processes,
    connections,
    inports: {},
    outports: {},
    groups: groupsOf(flow, uses),
  }
  return { graph, notes }
}

/** JavaScript asks this key of an object for its text or number. No flow has it, and from JSON it is none that can be called. */
function withoutToString(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, part: unknown) => (key === 'toString' ? undefined : part)))
}

/** The actor that does the work of a node, or why there is none. */
function counterpartOf(node: FlowNode, flow: Flow, left: Expansion['left']): Counterpart | string {
  const { type } = node
  const why = left.get(node.id)
  if (why !== undefined) return `Node-RED's "${type}": ${why}`
  const make = Object.hasOwn(counterparts, type) ? counterparts[type] : undefined
  if (make === undefined) return `Node-RED's "${type}" has no counterpart here`
  if (flow.isDisabled(node)) return `it was disabled in Node-RED, where "${type}" did nothing then`
  const made = make(node, flow)
  return typeof made === 'string' ? `Node-RED's "${type}" has no counterpart here as it is set: ${made}` : made
}

/** What belongs to the picture, and what a placeholder keeps of the node that it stands for. */
function canvasOf(
  node: FlowNode,
  hasCounterpart: boolean,
  notes: ConversionNote[],
  id: string,
): Record<string, unknown> {
  const entries = Object.entries(node.fields).filter(([key]) => !ownFields.has(key))
  const isSecret = ([key, value]: [string, unknown]) =>
    secretField.test(key) || (typeof value === 'string' && secretInAddress.test(value))
  for (const [key, value] of entries.filter(isSecret))
    if (value !== '' && typeof value !== 'boolean')
      notes.push({ type: 'lost', node: id, message: `"${id}": "${key}" looks like a secret and was left out` })
  const kept = Object.fromEntries(entries.filter((entry) => !isSecret(entry)))
  return {
    ...positionOf(node),
    ...(!hasCounterpart && { millrace: { placeholder: { from: 'node-red', type: node.type, settings: kept } } }),
  }
}

function positionOf({ fields: { x, y } }: FlowNode): { position?: { x: number; y: number } } {
  return typeof x === 'number' && typeof y === 'number' ? { position: { x, y } } : {}
}

interface Lookup {
  flow: Flow
  found: ReadonlyMap<string, Counterpart>
  notes: ConversionNote[]
}

function wiresFrom(node: FlowNode, { flow, found, notes }: Lookup): GraphConnection[] {
  const from = flow.nameOf(node.id) ?? node.id
  const lose = (message: string) => {
    notes.push({ type: 'lost', node: from, message })
    return []
  }
  return flow.outputs(node).flatMap((targets, output) =>
    targets.flatMap((target): GraphConnection[] => {
      const to = flow.nameOf(target)
      if (to === undefined) return lose(`a wire of "${from}" leads to "${target}", which is not in the file`)
      const source = found.get(node.id)
      const sink = found.get(target)
      const outport = source ? source.outports[output] : `Output${output === 0 ? '' : output + 1}`
      const inport = sink ? sink.inport : 'Input'
      if (outport === undefined || inport === undefined)
        return lose(`the wire from output ${output + 1} of "${from}" to "${to}" has no port to go to`)
      return [wireOf({ node: from, port: outport }, { node: to, port: inport })]
    }),
  )
}

/** An answer goes back to where its request came in; Node-RED does that by itself. */
function answersOf(node: FlowNode, { flow, found, notes }: Lookup): GraphConnection[] {
  if (found.get(node.id)?.component !== 'HttpResponse') return []
  const from = flow.nameOf(node.id) ?? node.id
  const asked = requestSourceOf(node, flow)
  const to = asked && found.has(asked.id) ? flow.nameOf(asked.id) : undefined
  if (to !== undefined) return [wireOf({ node: from, port: 'Response' }, { node: to, port: 'Response' })]
  notes.push({ type: 'lost', node: from, message: `where the answers of "${from}" go has to be wired by hand` })
  return []
}

/** Tabs, groups and uses of subflows; a node is in the first of them that is drawn. */
function groupsOf(flow: Flow, uses: Expansion['uses']): { id: string; nodes: string[] }[] {
  const taken = new Set<string>()
  const made = [
    ...flow.all
      .filter(({ type }) => type === 'tab' || type === 'group')
      .map((canvas) => {
        const key = canvas.type === 'group' ? 'g' : 'z'
        const label = text(canvas.fields['label']) || text(canvas.fields['name']) || canvas.id
        return { label, nodes: flow.placed.filter(({ fields }) => fields[key] === canvas.id).map(({ id }) => id) }
      }),
    ...uses.map(({ name, nodes }) => ({ label: name, nodes })),
  ]
  return made.flatMap(({ label, nodes }) => {
    const ids = nodes.flatMap((id) => flow.nameOf(id) ?? [])
    return ids.length > 0 ? [{ id: takeName(label, taken), nodes: ids }] : []
  })
}
