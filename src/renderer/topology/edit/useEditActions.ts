import {
  ClipboardCopy,
  ClipboardPaste,
  Copy,
  Pencil,
  PencilLine,
  Plus,
  Redo2,
  Scissors,
  Trash2,
  Undo2,
  Cable,
} from '@lucide/vue'
import { useDrafts } from '../../graphs/useDrafts.ts'
import { useGraphs } from '../../graphs/useGraphs.ts'
import type { Action } from '../../actions/action.ts'
import { offerActions } from '../../stores/useActions.ts'
import { useSelection } from '../../stores/useSelection.ts'
import { nodeKey } from '../../view/topology.ts'
import { useClipboard } from './useClipboard.ts'
import { useEditing, type Marked } from './useEditing.ts'
import { useEdits } from './useEdits.ts'

/** The actions that change graphs: in the palette, by keys, and behind the buttons of the canvas. */
export function useEditActions({ targetInstance }: { targetInstance: () => string | undefined }): void {
  const drafts = useDrafts()
  const editing = useEditing()
  const edits = useEdits()
  const graphs = useGraphs()
  const selection = useSelection()
  const clipboard = useClipboard(targetInstance)

  const only = (): Extract<Marked, { type: 'node' | 'group' }> | undefined => {
    const group = editing.marked.find((thing) => thing.type === 'group')
    const nodes = editing.marked.filter((thing) => thing.type === 'node')
    return group ?? (nodes.length === 1 ? nodes[0] : undefined)
  }
  const nodeOnly = () => {
    const thing = only()
    return thing?.type === 'node' ? thing : undefined
  }
  const whenMarked = () => notEditing() ?? (editing.marks.size > 0 ? undefined : 'nothing is marked')
  const whenNodes = () =>
    notEditing() ?? (editing.marked.some(({ type }) => type === 'node') ? undefined : 'no node is marked')
  const notEditing = () => (editing.isOn ? undefined : 'the canvas is not being edited')

  function markAll(): void {
    const instance = targetInstance()
    if (instance === undefined) return
    const nodes = drafts.instance(instance)?.nodes ?? []
    editing.mark(nodes.map(({ id }) => [nodeKey(instance, id), { type: 'node', instance, node: id }]))
  }
  function duplicate(): void {
    const nodes = editing.marked.filter((thing) => thing.type === 'node')
    const instance = nodes[0]?.instance
    if (instance === undefined) return
    void edits.duplicate(
      instance,
      nodes.flatMap((thing) => (thing.instance === instance ? [thing.node] : [])),
    )
  }

  offerActions((): Action[] => [
    {
      id: 'edit.mode',
      title: editing.isOn ? 'Stop editing the canvas' : 'Edit the canvas',
      section: 'Edit',
      words: 'draft build change graph',
      icon: Pencil,
      keys: ['e'],
      run: () => editing.toggleMode(),
    },
    {
      id: 'edit.undo',
      title: graphs.undoable ? `Undo ${graphs.undoable.undoName}` : 'Undo',
      section: 'Edit',
      icon: Undo2,
      keys: ['$mod+z'],
      keysIn: 'reading',
      refusal: graphs.undoable ? undefined : 'nothing was edited',
      run: () => graphs.undo(),
    },
    {
      id: 'edit.redo',
      title: graphs.redoable ? `Redo ${graphs.redoable.redoName}` : 'Redo',
      section: 'Edit',
      icon: Redo2,
      keys: ['$mod+Shift+z', '$mod+y'],
      keysIn: 'reading',
      refusal: graphs.redoable ? undefined : 'nothing was undone',
      run: () => graphs.redo(),
    },
    {
      id: 'edit.add',
      title: 'Add a node …',
      section: 'Edit',
      icon: Plus,
      keys: ['n'],
      keysIn: 'canvas',
      refusal: notEditing() ?? (targetInstance() === undefined ? 'there is no instance' : undefined),
      run: () => {
        const instance = targetInstance()
        if (instance !== undefined) editing.quickAdd = { instance }
      },
    },
    {
      id: 'edit.connect',
      title: nodeOnly() ? `Connect ${nodeOnly()?.node} …` : 'Connect …',
      section: 'Edit',
      icon: Cable,
      keys: ['c'],
      keysIn: 'canvas',
      refusal: notEditing() ?? (nodeOnly() ? undefined : 'mark one node'),
      run: () => {
        const node = nodeOnly()
        if (node) editing.question = { ...node, type: 'connect' }
      },
    },
    {
      id: 'edit.rename',
      title: 'Rename …',
      section: 'Edit',
      icon: PencilLine,
      keys: ['F2'],
      keysIn: 'canvas',
      refusal: notEditing() ?? (only() ? undefined : 'mark one node or group'),
      run: () => {
        const of = only()
        if (of) editing.question = { type: 'rename', of }
      },
    },
    {
      id: 'edit.delete',
      title: 'Delete what is marked',
      section: 'Edit',
      icon: Trash2,
      keys: ['Delete', 'Backspace'],
      keysIn: 'canvas',
      refusal: whenMarked(),
      run: () => edits.remove(editing.marked),
    },
    {
      id: 'edit.duplicate',
      title: 'Duplicate',
      section: 'Edit',
      icon: Copy,
      keys: ['$mod+d'],
      keysIn: 'canvas',
      refusal: whenNodes(),
      run: duplicate,
    },
    {
      id: 'edit.copy',
      title: 'Copy as JSON text',
      section: 'Edit',
      icon: ClipboardCopy,
      keys: ['$mod+c'],
      areKeysElsewhere: true,
      refusal: whenNodes(),
      run: () => clipboard.copy(),
    },
    {
      id: 'edit.cut',
      title: 'Cut',
      section: 'Edit',
      icon: Scissors,
      keys: ['$mod+x'],
      areKeysElsewhere: true,
      refusal: whenNodes(),
      run: () => clipboard.cut(),
    },
    {
      id: 'edit.paste',
      title: 'Paste what was copied here',
      section: 'Edit',
      icon: ClipboardPaste,
      keys: ['$mod+v'],
      areKeysElsewhere: true,
      refusal: notEditing() ?? (clipboard.last.value === undefined ? 'nothing was copied here' : undefined),
      run: () => clipboard.paste(clipboard.last.value ?? ''),
    },
    {
      id: 'edit.markAll',
      title: 'Mark all nodes of the instance',
      section: 'Edit',
      keys: ['$mod+a'],
      keysIn: 'canvas',
      refusal: notEditing(),
      run: markAll,
    },
    {
      id: 'edit.markFed',
      title: 'Mark what it feeds, all the way down',
      section: 'Edit',
      keys: ['Alt+d'],
      keysIn: 'canvas',
      refusal: whenNodes(),
      run: () => markReach('down'),
    },
    {
      id: 'edit.markFeeders',
      title: 'Mark what feeds it, all the way up',
      section: 'Edit',
      keys: ['Alt+u'],
      keysIn: 'canvas',
      refusal: whenNodes(),
      run: () => markReach('up'),
    },
  ])

  function markReach(way: 'up' | 'down'): void {
    const start = editing.marked.find((thing) => thing.type === 'node')
    if (!start) return
    const { instance } = start
    const wires = drafts.instance(instance)?.wires ?? []
    const reached = new Set(
      editing.marked.flatMap((thing) => (thing.type === 'node' && thing.instance === instance ? [thing.node] : [])),
    )
    for (const node of reached)
      for (const { from, to } of wires) {
        if (way === 'down' && from.node === node) reached.add(to.node)
        if (way === 'up' && to.node === node) reached.add(from.node)
      }
    editing.mark([...reached].map((node) => [nodeKey(instance, node), { type: 'node', instance, node }]))
    selection.select({ type: 'node', instance, node: start.node })
  }
}
