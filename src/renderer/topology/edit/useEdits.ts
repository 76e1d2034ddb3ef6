import { copyNodes, duplicateNodes, freeName, nodesOf, pasteNodes, wiresOf, type Paste } from '../../../graph/index.ts'
import type { GraphCommand, GraphExport, WireEnd } from '../../../shared/index.ts'
import { useDrafts } from '../../graphs/useDrafts.ts'
import { useGraphs, type EditHow } from '../../graphs/useGraphs.ts'
import { useSelection } from '../../stores/useSelection.ts'
import { useToasts } from '../../stores/useToasts.ts'
import { idFor } from '../../view/actor-choice.ts'
import { filePlaces, onGrid, type Place } from '../../view/draft-layout.ts'
import { failureOf, type Failure } from '../../view/failure.ts'
import type { PortEnd } from '../../view/port-rules.ts'
import { nodeKey } from '../../view/topology.ts'
import { useEditing, type Marked } from './useEditing.ts'

/** A node to be added, and the wire it comes with. */
export interface NewNode {
  instance: string
  component: string
  position: Place
  /** The end that its port is wired to. */
  wire?: { end: PortEnd; port: string }
}

/** What can be done to the graphs by hand: each verb is one step of the undo menu. */
export function useEdits() {
  const drafts = useDrafts()
  const graphs = useGraphs()
  const editing = useEditing()
  const selection = useSelection()
  const toasts = useToasts()

  const graphName = (instance: string) => drafts.graphOf(instance)?.summary.graph
  const valueOf = (instance: string): GraphExport => drafts.graphOf(instance)?.value ?? emptyGraph

  async function edit(
    instance: string,
    commands: readonly GraphCommand[],
    how: EditHow & { quiet?: boolean } = {},
  ): Promise<Failure | undefined> {
    const graph = graphName(instance)
    return graph === undefined ? { text: 'its graph is not known yet' } : graphs.edit(graph, commands, how)
  }

  function markNodes(instance: string, ids: readonly string[]): void {
    editing.mark(ids.map((node) => [nodeKey(instance, node), { type: 'node', instance, node }]))
    const [first] = ids
    if (first !== undefined) selection.select({ type: 'node', instance, node: first })
  }

  async function addNode({ instance, component, position, wire }: NewNode): Promise<void> {
    const taken = new Set(nodesOf(valueOf(instance)).map(({ id }) => id))
    const id = freeName(idFor(component), taken)
    const place = { x: onGrid(position.x), y: onGrid(position.y) }
    const own = (port: string): WireEnd => ({ node: id, port })
    const other = wire && { node: wire.end.node, port: wire.end.port }
    const commands: GraphCommand[] = [{ type: 'addNode', id, component, metadata: { position: place } }]
    if (wire && other) {
      const [from, to] = wire.end.side === 'out' ? [other, own(wire.port)] : [own(wire.port), other]
      commands.push({ type: 'connect', from, to })
    }
    if (!(await edit(instance, [...keptPlaces(instance), ...commands], { name: `add ${id}` })))
      markNodes(instance, [id])
  }

  function connect(one: PortEnd, other: PortEnd): Promise<Failure | undefined> {
    const [from, to] = one.side === 'out' ? [one, other] : [other, one]
    const wire = { from: { node: from.node, port: from.port }, to: { node: to.node, port: to.port } }
    return edit(one.instance, [{ type: 'connect', ...wire }])
  }

  /**
   * Nodes without a place get the one that they are shown at, once one of them is moved: else those that are left would be laid out
   * anew without it.
   */
  function keptPlaces(instance: string): GraphCommand[] {
    const draft = drafts.instance(instance)
    if (!draft || draft.nodes.every(({ position }) => position)) return []
    const places = filePlaces(draft)
    return draft.nodes.flatMap(({ id, position }): GraphCommand[] => {
      const place = places.get(id)
      return position || !place ? [] : [{ type: 'moveNode', id, position: { x: place.x, y: place.y } }]
    })
  }

  function move(
    instance: string,
    places: { nodes?: ReadonlyMap<string, Place>; notes?: ReadonlyMap<string, Place> },
    how?: EditHow,
  ): Promise<Failure | undefined> {
    const rounded = ({ x, y }: Place) => ({ x: Math.round(x), y: Math.round(y) })
    const nodes = [...(places.nodes ?? [])]
    const notes = [...(places.notes ?? [])]
    const moves = nodes.map(([id, position]): GraphCommand => ({ type: 'moveNode', id, position: rounded(position) }))
    const noteMoves = notes.map(([id, position]): GraphCommand => ({
      type: 'setNote',
      id,
      fields: { position: rounded(position) },
    }))
    const [[only] = []] = nodes
    const name =
      nodes.length + notes.length === 1
        ? `move ${only ?? 'a note'}`
        : `move ${nodes.length + notes.length} ${notes.length > 0 ? 'things' : 'nodes'}`
    return edit(instance, [...keptPlaces(instance), ...moves, ...noteMoves], { name, ...how })
  }

  /** Deletes what is marked, one step for each graph. */
  async function remove(marked: readonly Marked[]): Promise<void> {
    for (const [instance, things] of byInstance(marked)) {
      const wires = wiresOf(valueOf(instance))
      const nodes = new Set(things.flatMap((thing) => (thing.type === 'node' ? [thing.node] : [])))
      const commands = things.flatMap((thing): GraphCommand[] => {
        switch (thing.type) {
          case 'node':
            return [{ type: 'removeNode', id: thing.node }]
          case 'note':
            return [{ type: 'removeNote', id: thing.note }]
          case 'group':
            return [{ type: 'removeGroup', id: thing.group }]
          case 'wire': {
            const wire = wires.find(
              ({ from, to }) => `${from.node}.${from.port} -> ${to.node}.${to.port}` === thing.wire,
            )
            // A wire goes with the node at its end.
            if (!wire || nodes.has(wire.from.node) || nodes.has(wire.to.node)) return []
            return [{ type: 'disconnect', from: wire.from, to: wire.to }]
          }
        }
      })
      const wiresFirst = commands.toSorted(
        (one, other) => Number(one.type === 'removeNode') - Number(other.type === 'removeNode'),
      )
      await edit(instance, wiresFirst)
    }
    editing.mark([])
    selection.select(undefined)
  }

  /** The marked nodes as JSON text, for any clipboard; `undefined` when none is marked. */
  function copyText(): string | undefined {
    const nodes = editing.marked.filter((thing) => thing.type === 'node')
    const instance = nodes[0]?.instance
    if (instance === undefined) return undefined
    const ids = nodes.flatMap((thing) => (thing.instance === instance ? [thing.node] : []))
    return copyNodes(valueOf(instance), ids)
  }

  async function insert(instance: string, make: (graph: GraphExport) => Paste, verb: string): Promise<void> {
    let paste: Paste
    try {
      paste = make(valueOf(instance))
    } catch (error) {
      return toasts.show({ tone: 'error', title: `Nothing was ${verb}`, ...failureOf(error) })
    }
    if (!(await edit(instance, paste.commands))) markNodes(instance, paste.ids)
  }

  return {
    edit,
    addNode,
    connect,
    move,
    remove,
    markNodes,
    keptPlaces,
    copyText,
    paste: (instance: string, text: string) => insert(instance, (graph) => pasteNodes(graph, text), 'pasted'),
    duplicate: (instance: string, ids: readonly string[]) =>
      insert(instance, (graph) => duplicateNodes(graph, ids), 'duplicated'),
  }
}

const emptyGraph: GraphExport = { caseSensitive: false, properties: {} }

/** The marked things of each instance. */
export function byInstance(marked: readonly Marked[]): Map<string, Marked[]> {
  const groups = new Map<string, Marked[]>()
  for (const thing of marked) groups.set(thing.instance, [...(groups.get(thing.instance) ?? []), thing])
  return groups
}
