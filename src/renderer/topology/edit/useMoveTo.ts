import { ArrowRightLeft } from '@lucide/vue'
import { copyNodes, pasteNodes } from '../../../graph/index.ts'
import type { GraphCommand } from '../../../shared/index.ts'
import type { Action } from '../../actions/action.ts'
import { useDrafts } from '../../graphs/useDrafts.ts'
import { useGraphs } from '../../graphs/useGraphs.ts'
import { offerActions } from '../../stores/useActions.ts'
import { useToasts } from '../../stores/useToasts.ts'
import { filePlaces, type Place } from '../../view/draft-layout.ts'
import { failureOf } from '../../view/failure.ts'
import { useEdits } from './useEdits.ts'
import { useEditing } from './useEditing.ts'

/** Nodes of one instance. */
export interface MovedNodes {
  instance: string
  nodes: readonly string[]
}

/** Moving nodes to another instance: out of one graph and into another, as one step of undo. */
export function useMoveTo() {
  const drafts = useDrafts()
  const edits = useEdits()
  const graphs = useGraphs()
  const toasts = useToasts()

  /** Why nodes of an instance cannot go to another; `undefined` when they can. */
  function refusal(instance: string, target: string): string | undefined {
    const [from, to] = [drafts.graphOf(instance), drafts.graphOf(target)]
    if (!from || !to) return 'its graph is not known yet'
    return from.summary.graph === to.summary.graph ? 'both are made of the same graph' : undefined
  }

  /** `place` is where the first of them comes to stand, in the file of the other graph. Wires to what stays behind are cut. */
  async function moveTo(target: string, { instance, nodes }: MovedNodes, place: Place): Promise<void> {
    const [from, to] = [drafts.graphOf(instance), drafts.graphOf(target)]
    const draft = drafts.instance(instance)
    const [first = ''] = nodes
    if (!from || !to || !draft || refusal(instance, target) !== undefined) return
    const old = filePlaces(draft).get(first) ?? { x: 0, y: 0 }
    const name = `move ${nodes.length === 1 ? first : `${nodes.length} nodes`} to ${target}`
    try {
      const offset = { x: Math.round(place.x - old.x), y: Math.round(place.y - old.y) }
      const paste = pasteNodes(to.value, copyNodes(from.value, nodes), { offset })
      const removal = nodes.map((id): GraphCommand => ({ type: 'removeNode', id }))
      const failed = await graphs.editTogether(name, [
        { graph: to.summary.graph, commands: placed(paste.commands, place) },
        { graph: from.summary.graph, commands: removal },
      ])
      if (!failed) edits.markNodes(target, paste.ids)
    } catch (error) {
      toasts.show({ tone: 'error', title: 'Nothing was moved', ...failureOf(error) })
    }
  }
  return { moveTo, refusal }
}

/** A node that stood nowhere in its file is put where it was let go. */
function placed(commands: readonly GraphCommand[], position: Place): GraphCommand[] {
  return commands.map((command) =>
    command.type === 'addNode' && command.metadata?.['position'] === undefined
      ? {
          ...command,
          metadata: { ...command.metadata, position: { x: Math.round(position.x), y: Math.round(position.y) } },
        }
      : command,
  )
}

/** One action for each instance that the marked nodes could move to. */
export function useMoveActions({ freePlace }: { freePlace: (instance: string) => Place }): void {
  const drafts = useDrafts()
  const editing = useEditing()
  const { moveTo, refusal } = useMoveTo()

  offerActions((): Action[] => {
    const first = editing.marked.find(({ type }) => type === 'node')
    if (!editing.isOn || first === undefined) return []
    const { instance } = first
    const nodes = editing.marked.flatMap((thing) =>
      thing.type === 'node' && thing.instance === instance ? [thing.node] : [],
    )
    return drafts.instances
      .filter((other) => other.instance !== instance)
      .map(({ instance: target }) => ({
        id: `edit.moveTo ${target}`,
        title: `Move to ${target}`,
        words: 'instance deploy marked nodes',
        section: 'Edit',
        icon: ArrowRightLeft,
        isOneOfMany: true,
        refusal: refusal(instance, target),
        run: () => moveTo(target, { instance, nodes }, freePlace(target)),
      }))
  })
}
