import { copyNodes, freeName, nodesOf } from '../../../graph/index.ts'
import type { GraphCommand } from '../../../shared/index.ts'
import { useDrafts } from '../../graphs/useDrafts.ts'
import { useGraphs } from '../../graphs/useGraphs.ts'
import { useConnection } from '../../stores/useConnection.ts'
import { useToasts } from '../../stores/useToasts.ts'
import { aligned, alignmentTitles, type Alignment } from '../../view/align.ts'
import { boundsOf, draftCardSize, filePlaces, onGrid, type Box, type Place } from '../../view/draft-layout.ts'
import { failureOf } from '../../view/failure.ts'
import { groupKey, noteKey } from '../useDraftBoxes.ts'
import { useEditing } from './useEditing.ts'
import { useEdits } from './useEdits.ts'

/** Bringing nodes into order: layout, alignment, groups, notes. */
export function useArranging() {
  const connection = useConnection()
  const drafts = useDrafts()
  const editing = useEditing()
  const edits = useEdits()
  const graphs = useGraphs()
  const toasts = useToasts()

  /** The instance of what is marked, and its marked nodes. */
  function markedNodes(): { instance: string; nodes: string[] } | undefined {
    const first = editing.marked.find((thing) => thing.type === 'node')
    if (!first) return undefined
    const nodes = editing.marked.flatMap((thing) =>
      thing.type === 'node' && thing.instance === first.instance ? [thing.node] : [],
    )
    return { instance: first.instance, nodes }
  }

  /** Where marked nodes are in the graph file. */
  function boxesOf(instance: string, nodes: readonly string[]): Map<string, Box> {
    const draft = drafts.instance(instance)
    const places = draft ? filePlaces(draft) : new Map<string, Box>()
    return new Map([...places].filter(([id]) => nodes.includes(id)))
  }

  /** Lays the nodes of an instance out, or some of them in the place where they are; pinned nodes stay. */
  async function layOut(instance: string, some?: readonly string[]): Promise<void> {
    const draft = drafts.instance(instance)
    const open = drafts.graphOf(instance)
    const client = connection.current?.client
    if (!draft || !open || !client) return
    const sizes = Object.fromEntries(
      draft.nodes.map(({ id, inports, outports }) => [id, draftCardSize(inports.length, outports.length)]),
    )
    try {
      const { text } = some
        ? { text: copyNodes(open.value, some) }
        : await client.graphs.text({ graph: open.summary.graph })
      const { positions } = await client.layout.place({ text, keep: 'nothing', sizes })
      const before = boundsOf([...(some ? boxesOf(instance, some) : filePlaces(draft)).values()])
      const after = boundsOf(Object.values(positions).map((place) => ({ ...place, width: 0, height: 0 })))
      // Where a node is pinned everything stands in relation to it already.
      const isPinned = nodesOf(open.value).some(({ metadata }) => isPinnedIn(metadata))
      const shift = isPinned ? { x: 0, y: 0 } : { x: before.x - after.x, y: before.y - after.y }
      const places = Object.entries(positions).map(([id, { x, y }]): [string, Place] => [
        id,
        { x: onGrid(x + shift.x), y: onGrid(y + shift.y) },
      ])
      await edits.move(
        instance,
        { nodes: new Map(places) },
        { name: some ? `lay out ${some.length} nodes` : 'lay out' },
      )
    } catch (error) {
      toasts.show({ tone: 'error', title: 'The graph could not be laid out', ...failureOf(error) })
    }
  }

  function align(how: Alignment): void {
    const marked = markedNodes()
    if (!marked) return
    const nodes = aligned(boxesOf(marked.instance, marked.nodes), how)
    void edits.move(marked.instance, { nodes }, { name: alignmentTitles[how].toLowerCase() })
  }

  async function group(): Promise<void> {
    const marked = markedNodes()
    const open = marked && drafts.graphOf(marked.instance)
    if (!marked || !open) return
    const { instance, nodes } = marked
    const id = freeName('group', new Set((open.value.groups ?? []).map((each) => each.id)))
    if (await edits.edit(instance, [{ type: 'addGroup', id, nodes }])) return
    editing.mark([...editing.marks, [groupKey(instance, id), { type: 'group', instance, group: id }]])
    editing.question = { type: 'rename', of: { type: 'group', instance, group: id } }
  }

  function ungroup(): void {
    for (const thing of editing.marked)
      if (thing.type === 'group') void edits.edit(thing.instance, [{ type: 'removeGroup', id: thing.group }])
    editing.mark([...editing.marks].filter(([, thing]) => thing.type !== 'group'))
  }

  async function addNote(instance: string, position: Place): Promise<void> {
    const id = freeName('note', new Set(drafts.notes(instance).map((note) => note.id)))
    const place = { x: onGrid(position.x), y: onGrid(position.y) }
    const failure = await edits.edit(instance, [{ type: 'addNote', note: { id, text: '', position: place } }])
    if (failure) return
    editing.mark([[noteKey(instance, id), { type: 'note', instance, note: id }]])
    editing.writing = noteKey(instance, id)
  }

  /** Pins the marked nodes where they are, or lets them go where a layout puts them. */
  function pin(): void {
    const marked = markedNodes()
    const open = marked && drafts.graphOf(marked.instance)
    if (!marked || !open) return
    const isEachPinned = marked.nodes.every((id) => isPinnedIn(open.value.processes?.[id]?.metadata ?? {}))
    const commands = marked.nodes.map((id): GraphCommand => {
      const field = { type: 'setNodeField' as const, id, path: ['millrace', 'pinned'] }
      return isEachPinned ? field : { ...field, value: true }
    })
    void graphs.edit(open.summary.graph, commands, { name: isEachPinned ? 'unpin' : 'pin' })
  }

  return { layOut, align, group, ungroup, addNote, pin, markedNodes }
}

function isPinnedIn(metadata: Readonly<Record<string, unknown>>): boolean {
  const own = metadata['millrace']
  return typeof own === 'object' && own !== null && 'pinned' in own && own.pinned === true
}
