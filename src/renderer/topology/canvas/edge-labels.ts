import { labelPlaces, type LabelWish, type Point } from '../../view/label-places.ts'
import { portOffset, type CanvasEdge, type CanvasLook, type CanvasNode, type EdgeLabelSize } from './canvas-element.ts'

/** From the side of a card to the middle of a label: half of the gap between rows, or a little to the right of a column. */
const clearance = { compact: { x: 0, y: 15 }, graph: { x: 38, y: 0 }, draft: { x: 38, y: 0 } } as const
const besideCard = 44

/** Where the labels of lines stand; the lines of a label that has no room are not in it. */
export function edgeLabels(
  nodes: readonly CanvasNode[],
  edges: readonly CanvasEdge[],
  look: CanvasLook,
  sizeOf: (edge: CanvasEdge) => EdgeLabelSize | undefined,
): Map<string, Point> {
  const boxes = new Map(nodes.map((box) => [box.key, box]))
  const links = new Map<string, Point>()
  const linkBoxes: (Point & EdgeLabelSize)[] = []
  const wishes: LabelWish[] = []
  for (const edge of edges) {
    const from = boxes.get(edge.from.key)
    const to = boxes.get(edge.to.key)
    const size = sizeOf(edge)
    if (!from || !to || !size) continue
    if (edge.kind === 'link') {
      // Where it leaves: in the middle the labels of several links would lie on each other.
      const place = { x: from.x + from.width + besideCard, y: from.y + from.height / 2 }
      links.set(edge.key, place)
      linkBoxes.push({ ...place, ...size })
    } else
      wishes.push({
        key: edge.key,
        from: portOf(from, edge.from.port, look, 'out'),
        to: portOf(to, edge.to.port, look, 'in'),
        ...size,
      })
  }
  const cards = nodes
    .filter(({ kind }) => kind === 'node')
    .map(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2, width, height }))
  return new Map([...links, ...labelPlaces(wishes, [...cards, ...linkBoxes], clearance[look])])
}

/** Where a port is on its card. */
function portOf(box: CanvasNode, port: string | undefined, look: CanvasLook, side: 'in' | 'out'): Point {
  const ports = side === 'in' ? box.inports : box.outports
  const index = ports.findIndex(({ name }) => name === port)
  const along = portOffset(box, side, index, look)
  return look === 'compact'
    ? { x: box.x + along, y: side === 'out' ? box.y + box.height : box.y }
    : { x: side === 'out' ? box.x + box.width : box.x, y: box.y + along }
}
