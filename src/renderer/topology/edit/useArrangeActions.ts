import { BoxSelect, Group, Pin, StickyNote, Ungroup, Waypoints } from '@lucide/vue'
import type { Action } from '../../actions/action.ts'
import { offerActions } from '../../stores/useActions.ts'
import { alignments, alignmentTitles } from '../../view/align.ts'
import type { Place } from '../../view/draft-layout.ts'
import { useArranging } from './useArranging.ts'
import { useEditing } from './useEditing.ts'

/** The actions that bring a graph into order. */
export function useArrangeActions({
  targetInstance,
  freePlace,
}: {
  targetInstance: () => string | undefined
  freePlace: (instance: string) => Place
}): void {
  const arranging = useArranging()
  const editing = useEditing()
  const notEditing = () => (editing.isOn ? undefined : 'the canvas is not being edited')
  const marked = (least: number) => {
    const count = editing.marked.filter(({ type }) => type === 'node').length
    return (
      notEditing() ?? (count >= least ? undefined : least === 1 ? 'no node is marked' : `mark ${least} nodes or more`)
    )
  }
  const withMarked = (act: (instance: string, nodes: string[]) => void) => () => {
    const of = arranging.markedNodes()
    if (of) act(of.instance, of.nodes)
  }

  offerActions((): Action[] => [
    {
      id: 'edit.layout',
      title: 'Lay the instance out',
      section: 'Edit',
      words: 'arrange auto elk tidy',
      icon: Waypoints,
      keys: ['l'],
      keysIn: 'canvas',
      refusal: notEditing() ?? (targetInstance() === undefined ? 'there is no instance' : undefined),
      run: () => {
        const instance = targetInstance()
        if (instance !== undefined) void arranging.layOut(instance)
      },
    },
    {
      id: 'edit.layoutMarked',
      title: 'Lay the marked nodes out',
      section: 'Edit',
      icon: BoxSelect,
      keys: ['Shift+l'],
      keysIn: 'canvas',
      refusal: marked(2),
      run: withMarked((instance, nodes) => void arranging.layOut(instance, nodes)),
    },
    ...alignments.map((how): Action => ({
      id: `edit.align.${how}`,
      title: alignmentTitles[how],
      section: 'Edit',
      refusal: marked(how === 'across' || how === 'down' ? 3 : 2),
      run: () => arranging.align(how),
    })),
    {
      id: 'edit.group',
      title: 'Group the marked nodes',
      section: 'Edit',
      icon: Group,
      keys: ['g'],
      keysIn: 'canvas',
      refusal: marked(1),
      run: () => arranging.group(),
    },
    {
      id: 'edit.ungroup',
      title: 'Ungroup',
      section: 'Edit',
      icon: Ungroup,
      keys: ['Shift+g'],
      keysIn: 'canvas',
      refusal: notEditing() ?? (editing.marked.some(({ type }) => type === 'group') ? undefined : 'no group is marked'),
      run: () => arranging.ungroup(),
    },
    {
      id: 'edit.note',
      title: 'Write a note on the canvas',
      section: 'Edit',
      words: 'comment sticky',
      icon: StickyNote,
      keys: ['Shift+n'],
      keysIn: 'canvas',
      refusal: notEditing() ?? (targetInstance() === undefined ? 'there is no instance' : undefined),
      run: () => {
        const instance = targetInstance()
        if (instance !== undefined) void arranging.addNote(instance, freePlace(instance))
      },
    },
    {
      id: 'edit.pin',
      title: 'Pin where they are, or unpin, for layouts',
      section: 'Edit',
      icon: Pin,
      keys: ['p'],
      keysIn: 'canvas',
      refusal: marked(1),
      run: () => arranging.pin(),
    },
  ])
}
