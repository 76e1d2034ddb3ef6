import type { InstanceDescription, WireEnd } from '../../shared/index.ts'

/** Says of a node that stands for a graph whose own file is not at hand. */
export const innerComponent = 'graph'

/**
 * What lies inside a node that is a graph: `path` names it from the outermost node on. Nodes of a running network carry the way to them
 * in their ids (`outer/inner/node`); what lies deeper still is shown as one node. Wires that leave the graph are not part of it.
 */
export function innerInstance(instance: InstanceDescription, path: readonly string[]): InstanceDescription {
  const prefix = `${path.join('/')}/`
  const shownId = (id: string) => {
    const [first] = id.slice(prefix.length).split('/')
    return `${prefix}${first ?? ''}`
  }
  const members = instance.nodes.filter(({ id }) => id.startsWith(prefix))
  const isInside = ({ node }: WireEnd) => node.startsWith(prefix)
  const lifted = ({ node, port }: WireEnd): WireEnd => {
    const shown = shownId(node)
    // The ports of a graph that is shown closed have no names here; those of its nodes tell them apart.
    return { node: shown, port: shown === node ? port : `${node.slice(shown.length + 1)}.${port}` }
  }
  const wires = instance.wires
    .filter(({ from, to }) => isInside(from) && isInside(to))
    .map(({ id, from, to }) => ({ id, from: lifted(from), to: lifted(to) }))
    .filter(({ from, to }) => from.node !== to.node)
  const nodes = new Map<string, InstanceDescription['nodes'][number]>()
  for (const node of members) {
    const id = shownId(node.id)
    const label = node.label ?? id.slice(prefix.length)
    const portsOf = (side: 'from' | 'to') => [
      ...new Set(wires.flatMap((wire) => (wire[side].node === id ? [wire[side].port] : []))),
    ]
    if (id === node.id) nodes.set(id, { ...node, label })
    else
      nodes.set(id, {
        id,
        label: id.slice(prefix.length),
        component: innerComponent,
        role: 'local',
        inports: portsOf('to'),
        outports: portsOf('from'),
      })
  }
  return { ...instance, exports: [], nodes: [...nodes.values()], wires }
}

/** Whether something lies inside a node. */
export function hasInside(instance: Pick<InstanceDescription, 'nodes'>, node: string): boolean {
  return instance.nodes.some(({ id }) => id.startsWith(`${node}/`))
}
