import type { GraphExport } from '../../shared/index.ts'
import { initialsOf, nodesOf, wiresOf } from '../graph-parts.ts'

/** Writes a graph as a Mermaid flowchart (mermaid.js.org): groups as subgraphs, ports on the wires, remote nodes as hexagons. */
export function toMermaid(graph: GraphExport): string {
  const nodes = nodesOf(graph)
  const names = new Map(nodes.map(({ id }, number) => [id, `n${number}`]))
  const written = new Set<string>()
  const node = (id: string, indent: string): string[] => {
    const found = nodes.find((one) => one.id === id)
    if (!found || written.has(id)) return []
    written.add(id)
    const text = `${escaped(found.label ?? id)}<br/><i>${escaped(found.component)}</i>`
    return [`${indent}${names.get(id)}${found.remote ? `{{"${text}"}}` : `["${text}"]`}`]
  }
  const groups = (graph.groups ?? []).flatMap(({ id, nodes: members }, number) => {
    const inside = members.flatMap((member) => node(member, '    '))
    return inside.length === 0 ? [] : [`  subgraph g${number} ["${escaped(id)}"]`, ...inside, '  end']
  })
  const others = nodes.flatMap(({ id }) => node(id, '  '))
  const wires = wiresOf(graph).flatMap(({ from, to }) => {
    const [source, target] = [names.get(from.node), names.get(to.node)]
    return source && target ? [`  ${source} -- "${escaped(`${from.port} → ${to.port}`)}" --> ${target}`] : []
  })
  const initials = initialsOf(graph).flatMap(({ to, value }, number) => {
    const target = names.get(to.node)
    const text = escaped(shown(value))
    return target ? [`  i${number}(["${text}"]) -. "${escaped(to.port)}" .-> ${target}`] : []
  })
  return ['flowchart LR', ...groups, ...others, ...wires, ...initials, ''].join('\n')
}

function shown(value: unknown): string {
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'flow')
  return text.length > 30 ? `${text.slice(0, 30)}…` : text
}

/** Mermaid reads HTML and its own signs in texts; entities are safe in both. */
function escaped(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} _.,:/→…-]/gu, (letter) => `#${letter.codePointAt(0)};`)
}
