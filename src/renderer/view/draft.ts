import { isGraphComponent, millraceOf, nodesOf, wireId, wiresOf } from '../../graph/index.ts'
import type { ActorDescription, GraphExport, GraphNote, InstanceDescription } from '../../shared/index.ts'

/** Finds what a component is: an actor, an inner graph, or the node of a peer; `undefined` when that is not known here. */
export type DescribeComponent = (component: string) => ActorDescription | undefined

/** An instance as the edited graph would have it: its nodes and wires are those of the draft, its state is as it is. */
export function draftInstance(
  instance: InstanceDescription,
  graph: GraphExport,
  describe: DescribeComponent,
): InstanceDescription {
  const wires = wiresOf(graph)
  const wiredIn = new Map<string, Set<string>>()
  const wiredOut = new Map<string, Set<string>>()
  for (const { from, to } of wires) {
    wiredIn.set(to.node, (wiredIn.get(to.node) ?? new Set()).add(to.port))
    wiredOut.set(from.node, (wiredOut.get(from.node) ?? new Set()).add(from.port))
  }
  const nodes = nodesOf(graph).map((node): InstanceDescription['nodes'][number] => {
    const actor = describe(node.component)
    return {
      id: node.id,
      component: node.component,
      role: node.remote === undefined ? 'local' : 'remote',
      ...(node.label !== undefined && { label: node.label }),
      ...(node.position !== undefined && { position: node.position }),
      inports: [...new Set([...Object.keys(actor?.inports ?? {}), ...(wiredIn.get(node.id) ?? [])])],
      outports: [...new Set([...Object.keys(actor?.outports ?? {}), ...(wiredOut.get(node.id) ?? [])])],
    }
  })
  return { ...instance, nodes, wires: wires.map(({ from, to }) => ({ id: wireId(from, to), from, to })) }
}

/** Whether a node is a graph of its own. */
export function isSubgraph({ component }: { component: string }): boolean {
  return isGraphComponent(component)
}

/** A note as the canvas draws it. */
export type DraftNote = GraphNote & { position: { x: number; y: number }; size: { width: number; height: number } }

const noteSize = { width: 200, height: 90 }

/** The notes of a graph; what is not one is left out. */
export function notesOf(graph: GraphExport): DraftNote[] {
  const notes = millraceOf(graph.properties)['notes']
  if (!Array.isArray(notes)) return []
  return notes.flatMap((note: unknown): DraftNote[] => {
    if (!isNote(note)) return []
    const { x, y } = note.position ?? {}
    const { width, height } = note.size ?? {}
    return [
      {
        ...note,
        position: { x: numberOr(x, 0), y: numberOr(y, 0) },
        size: { width: numberOr(width, noteSize.width), height: numberOr(height, noteSize.height) },
      },
    ]
  })
}

/** Files are written by hand too. */
function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback
}

function isNote(note: unknown): note is GraphNote {
  return (
    typeof note === 'object' &&
    note !== null &&
    'id' in note &&
    typeof note.id === 'string' &&
    'text' in note &&
    typeof note.text === 'string'
  )
}

/** A group as the canvas draws it. */
export interface DraftGroup {
  id: string
  nodes: readonly string[]
  color: string | undefined
}

/** The groups of a graph. */
export function groupsOf(graph: GraphExport): DraftGroup[] {
  return (graph.groups ?? []).map(({ id, nodes, metadata }) => {
    const color = millraceOf(metadata)['color']
    return { id, nodes, color: typeof color === 'string' ? color : undefined }
  })
}
