import { isRecord } from '../../graph-parts.ts'
import { text, type FlowNode } from './flow.ts'

/** Subflows can multiply: beyond this many nodes it is a slip, or a trap. */
const mostNodes = 20_000
const prefix = 'subflow:'

/** What expanding came to. */
export interface Expansion {
  nodes: FlowNode[]
  /** Which nodes each use of a subflow became, by what it is called. */
  uses: { name: string; nodes: string[] }[]
  /** Uses that stay placeholders, with the reason. */
  left: Map<string, string>
}

/** Puts the nodes of a subflow in the place of each of its uses, at any depth; definitions go away. */
export function expandSubflows(all: readonly FlowNode[]): Expansion {
  const definitions = new Map(all.filter(({ type }) => type === 'subflow').map((node) => [node.id, node]))
  const inner = groupByTab(all)
  const uses: Expansion['uses'] = []
  const left = new Map<string, string>()
  let nodes = all.filter((node) => node.type !== 'subflow' && !definitions.has(text(node.fields['z'])))
  for (;;) {
    const use = nodes.find(({ id, type }) => type.startsWith(prefix) && !left.has(id))
    if (use === undefined) return { nodes, uses, left }
    const definition = definitions.get(use.type.slice(prefix.length))
    const members = (definition && inner.get(definition.id)) ?? []
    const why =
      definition === undefined
        ? 'its subflow is not in the file'
        : use.id.split('~').filter((step) => step === definition.id).length > 0
          ? 'its subflow contains itself'
          : nodes.length + members.length > mostNodes
            ? 'there are too many nodes'
            : undefined
    if (why !== undefined || definition === undefined) left.set(use.id, why ?? '')
    else nodes = expand(use, definition, members, nodes, uses)
  }
}

function groupByTab(all: readonly FlowNode[]): Map<string, FlowNode[]> {
  const tabs = new Map<string, FlowNode[]>()
  for (const node of all) {
    const tab = text(node.fields['z'])
    const known = tabs.get(tab)
    if (known) known.push(node)
    else tabs.set(tab, [node])
  }
  return tabs
}

function expand(
  use: FlowNode,
  definition: FlowNode,
  members: readonly FlowNode[],
  nodes: readonly FlowNode[],
  uses: Expansion['uses'],
): FlowNode[] {
  const ids = new Set(members.map(({ id }) => id))
  // The ids of subflows on the way are kept in the id, so that one inside itself is seen.
  const inside = (id: string) => `${use.id}~${definition.id}~${id}`
  const name = text(use.fields['name']) || text(definition.fields['name']) || 'subflow'
  const exits = listOf(definition.fields['out']).map((out) => listOf(out['wires']))
  const given = Array.isArray(use.fields['wires']) ? use.fields['wires'] : []
  const outward = exits.map((_, output) => (Array.isArray(given[output]) ? given[output] : []) as unknown[])
  /** Where an output of a node inside leads to outside. */
  const leaving = (id: string, port: number): unknown[] =>
    exits.flatMap((exit, output) =>
      exit.some((end) => end['id'] === id && Number(end['port'] ?? 0) === port) ? (outward[output] ?? []) : [],
    )
  const copies = members.map((node): FlowNode => {
    const wires = Array.isArray(node.fields['wires']) ? node.fields['wires'] : []
    const count = Math.max(
      wires.length,
      ...exits.flat().map((end) => (end['id'] === node.id ? Number(end['port'] ?? 0) + 1 : 0)),
    )
    const fields = {
      ...node.fields,
      id: inside(node.id),
      name: `${name}_${text(node.fields['name']) || `${node.type.replaceAll(/[\s/@:]+/g, '-')}_${node.id.slice(0, 6)}`}`,
      z: use.fields['z'],
      g: use.fields['g'],
      wires: Array.from({ length: count }, (_, port) => [
        ...(Array.isArray(wires[port]) ? (wires[port] as unknown[]) : []).map((id) =>
          typeof id === 'string' && ids.has(id) ? inside(id) : id,
        ),
        ...leaving(node.id, port),
      ]),
      ...(Array.isArray(node.fields['links']) && {
        links: (node.fields['links'] as unknown[]).map((id) =>
          typeof id === 'string' && ids.has(id) ? inside(id) : id,
        ),
      }),
    }
    return { id: fields.id, type: node.type, fields }
  })
  uses.push({ name, nodes: copies.map(({ id }) => id) })
  const entered = listOf(definition.fields['in']).flatMap((entry) => listOf(entry['wires']))
  const targets = [
    ...entered.map((end) => inside(String(end['id']))),
    // A way straight through, from the way in to a way out.
    ...leaving(definition.id, 0),
  ]
  return [...nodes.filter((node) => node !== use).map((node) => rewired(node, use.id, targets)), ...copies]
}

/** A node whose wires to a use of a subflow lead to what is inside instead. */
function rewired(node: FlowNode, use: string, targets: readonly unknown[]): FlowNode {
  const replaced = (list: unknown): unknown =>
    Array.isArray(list) ? list.flatMap((id: unknown) => (id === use ? targets : [id])) : list
  const { wires } = node.fields
  if (!Array.isArray(wires) || !wires.flat().includes(use)) return node
  return { ...node, fields: { ...node.fields, wires: wires.map(replaced) } }
}

function listOf(value: unknown): Record<string, unknown>[] {
  return (Array.isArray(value) ? value : []).filter(isRecord)
}
