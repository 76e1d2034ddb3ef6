import { CornerLeftUp, LogIn } from '@lucide/vue'
import type { Action } from '../actions/action.ts'
import { useDrafts } from '../graphs/useDrafts.ts'
import { offerActions } from '../stores/useActions.ts'
import { useLab } from '../stores/useLab.ts'
import { useSelection } from '../stores/useSelection.ts'
import { hasInside } from '../view/inner-graph.ts'
import { useEditing } from './edit/useEditing.ts'

/** Looking into nodes that are graphs, and out again; with the actions for it. */
export function useInside() {
  const editing = useEditing()
  const drafts = useDrafts()
  const lab = useLab()
  const selection = useSelection()

  /** Whether there is something inside a node. */
  function canOpen(instance: string, node: string): boolean {
    const description = lab.instance(instance)
    if (description !== undefined && hasInside(description, node)) return true
    return editing.isOn && drafts.insideName({ instance, path: node }) !== undefined
  }
  /** Looks into a node; does nothing where nothing is inside. */
  function open(drawn: string, drawnNode: string): void {
    const { instance, node } = drafts.running(drawn, drawnNode)
    if (!canOpen(instance, node)) return
    editing.inside = { instance, path: node.split('/') }
    editing.mark([])
    selection.select(undefined)
  }
  /** Looks at the graph around this one, so many levels up. */
  function up(levels = 1): void {
    const now = editing.inside
    if (!now) return
    const path = now.path.slice(0, -levels)
    editing.mark([])
    editing.inside = path.length > 0 && levels < now.path.length ? { ...now, path } : undefined
    selection.select({
      type: 'node',
      instance: now.instance,
      node: now.path.slice(0, now.path.length - levels + 1).join('/'),
    })
  }
  const selectedNode = () => (selection.selected?.type === 'node' ? selection.selected : undefined)

  offerActions((): Action[] => {
    const node = selectedNode()
    return [
      {
        id: 'canvas.inside',
        title: editing.isOn ? 'Open the graph of a node' : 'Look into the graph of a node',
        section: 'Canvas',
        words: 'subgraph open',
        icon: LogIn,
        keys: ['o'],
        refusal: node && canOpen(node.instance, node.node) ? undefined : 'what is selected is no graph of its own',
        run: () => node && open(node.instance, node.node),
      },
      {
        id: 'canvas.outside',
        title: 'Back to the graph around this one',
        section: 'Canvas',
        icon: CornerLeftUp,
        keys: ['Alt+ArrowUp'],
        refusal: editing.inside ? undefined : 'this is the outermost graph',
        run: () => up(),
      },
    ]
  })
  return { canOpen, open, up }
}
