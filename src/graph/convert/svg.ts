import type { ActorDescription, GraphExport } from '../../shared/index.ts'
import { nodesOf, wiresOf } from '../graph-parts.ts'
import { layoutNodesOf, type LayoutNode, type Positions } from '../layout/layout-request.ts'

const margin = 24
const headerHeight = 36
const rowHeight = 20

/** Draws a graph: nodes with their ports where `positions` puts them, wires as curves, groups as frames. Dark and light follow the viewer. */
export function toSvg(graph: GraphExport, positions: Positions, catalogue: readonly ActorDescription[]): string {
  const components = new Map(nodesOf(graph).map((node) => [node.id, node]))
  const placed = layoutNodesOf({ graph, catalogue, keep: 'order' }).map((node) => ({
    ...node,
    ...(positions[node.id] ?? { x: 0, y: 0 }),
  }))
  const byId = new Map(placed.map((node) => [node.id, node]))
  const frames = (graph.groups ?? []).flatMap(({ id, nodes }) =>
    frame(
      id,
      nodes.flatMap((node) => byId.get(node) ?? []),
    ),
  )
  const wires = wiresOf(graph).flatMap(({ from, to }) => {
    const [source, target] = [byId.get(from.node), byId.get(to.node)]
    if (!source || !target) return []
    const x1 = source.x + source.width
    const y1 = portY(source, source.outports.indexOf(from.port))
    const [x2, y2] = [target.x, portY(target, target.inports.indexOf(to.port))]
    const bend = Math.max(40, Math.abs(x2 - x1) / 2)
    return [`<path class="wire" d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`]
  })
  const boxes = placed.map((node) => {
    const { component = '', label, remote } = components.get(node.id) ?? {}
    return box(node, label ?? node.id, component, remote !== undefined)
  })
  const corners = [...placed, { x: 0, y: 0, width: 0, height: 0 }].slice(0, Math.max(1, placed.length))
  const left = Math.min(...corners.map(({ x }) => x)) - margin - 20
  const top = Math.min(...corners.map(({ y }) => y)) - margin - 40
  const width = Math.max(...corners.map((node) => node.x + node.width)) - left + margin + 20
  const height = Math.max(...corners.map((node) => node.y + node.height)) - top + margin + 20
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${left} ${top} ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escaped(String(graph.properties['name'] ?? 'graph'))}</title>`,
    style,
    ...frames,
    ...wires,
    ...boxes,
    '</svg>',
    '',
  ].join('\n')
}

const style = `<style>
.node{fill:#fff;stroke:#64748b}.remote{stroke-dasharray:5 3}.name{fill:#0f172a;font-weight:600}.kind,.port{fill:#475569}.kind{font-size:10px}
.wire{fill:none;stroke:#0284c7;stroke-width:1.5}.dot{fill:#0284c7}.frame{fill:#94a3b81a;stroke:#94a3b8;stroke-dasharray:2 3}
@media (prefers-color-scheme: dark){.node{fill:#1e293b;stroke:#94a3b8}.name{fill:#f1f5f9}.kind,.port{fill:#cbd5e1}.wire{stroke:#38bdf8}.dot{fill:#38bdf8}}
</style>`

type Placed = LayoutNode & { x: number; y: number }

function box(node: Placed, name: string, component: string, isRemote: boolean): string {
  const { x, y, width, height } = node
  const row = (side: 'inports' | 'outports') =>
    node[side].map((port, index) => {
      const at = portY(node, index)
      const [edge, text, anchor] = side === 'inports' ? [x, x + 9, 'start'] : [x + width, x + width - 9, 'end']
      return `<circle class="dot" cx="${edge}" cy="${at}" r="3.5"/><text class="port" x="${text}" y="${at + 4}" text-anchor="${anchor}">${escaped(cut(port, 14))}</text>`
    })
  return [
    `<g><rect class="node${isRemote ? ' remote' : ''}" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>`,
    `<text class="name" x="${x + 10}" y="${y + 16}">${escaped(cut(name, 24))}</text>`,
    `<text class="kind" x="${x + 10}" y="${y + 29}">${escaped(cut(component, 30))}</text>`,
    ...row('inports'),
    ...row('outports'),
    '</g>',
  ].join('')
}

function frame(id: string, nodes: readonly Placed[]): string[] {
  if (nodes.length === 0) return []
  const [x, y] = [Math.min(...nodes.map((node) => node.x)) - 20, Math.min(...nodes.map((node) => node.y)) - 40]
  const width = Math.max(...nodes.map((node) => node.x + node.width)) - x + 20
  const height = Math.max(...nodes.map((node) => node.y + node.height)) - y + 20
  return [
    `<rect class="frame" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/><text class="kind" x="${x + 8}" y="${y + 16}">${escaped(id)}</text>`,
  ]
}

function portY({ y }: Placed, index: number): number {
  return y + headerHeight + rowHeight * (Math.max(0, index) + 0.5)
}

function cut(text: string, length: number): string {
  const letters = [...text]
  return letters.length > length ? `${letters.slice(0, length - 1).join('')}…` : text
}

/** Names are hostile text: markup and control characters do not get through. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"'\p{Cc}]/gu, (letter) => (/\p{Cc}/u.test(letter) ? '�' : `&#${letter.codePointAt(0)};`))
}
