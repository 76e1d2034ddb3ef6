import { PackageOpen, PackagePlus } from '@lucide/vue'
import { freeName, isGraphComponent, nodesOf } from '../../../graph/index.ts'
import type { Action } from '../../actions/action.ts'
import { useDrafts } from '../../graphs/useDrafts.ts'
import { useGraphs } from '../../graphs/useGraphs.ts'
import { offerActions } from '../../stores/useActions.ts'
import type { Failure } from '../../view/failure.ts'
import { useEditing, type Marked } from './useEditing.ts'
import { useEdits } from './useEdits.ts'

/** What is to become a graph of its own. */
export interface SubgraphParts {
  instance: string
  nodes: readonly string[]
  notes: readonly string[]
}

/** Making a graph of nodes, and putting back what is inside one: each is one step of undo. */
export function useSubgraphs() {
  const drafts = useDrafts()
  const edits = useEdits()
  const graphs = useGraphs()

  /** Answers why it could not be made. */
  async function make({ instance, nodes, notes }: SubgraphParts, name: string): Promise<Failure | undefined> {
    const graph = drafts.graphOf(instance)?.summary.graph
    if (graph === undefined) return { text: 'its graph is not known yet' }
    const before = edits.keptPlaces(instance)
    const answer = await graphs.makeSubgraph({ graph, nodes: [...nodes], notes: [...notes], name, before })
    if (!('nodes' in answer)) return answer
    edits.markNodes(instance, answer.nodes)
    return undefined
  }

  /** What stands in its way is told on the way out. */
  async function dissolve(instance: string, node: string): Promise<void> {
    const graph = drafts.graphOf(instance)?.summary.graph
    if (graph === undefined) return
    const answer = await graphs.dissolveSubgraph({ graph, node, before: edits.keptPlaces(instance) })
    if ('nodes' in answer) edits.markNodes(instance, answer.nodes)
  }

  /** A name for a graph of nodes: that of the group that they are, else one that is free. */
  function nameFor({ instance, nodes }: SubgraphParts): string {
    const value = drafts.graphOf(instance)?.value
    const isAll = (members: readonly string[]) =>
      members.length === nodes.length && members.every((node) => nodes.includes(node))
    const group = drafts.groups(instance).find((each) => isAll(each.nodes))
    const others = value ? nodesOf(value).flatMap(({ id }) => (nodes.includes(id) ? [] : [id])) : []
    return freeName(group?.id ?? 'subgraph', new Set(others))
  }

  return { make, dissolve, nameFor }
}

/** The actions for it. */
export function useSubgraphActions(): void {
  const drafts = useDrafts()
  const editing = useEditing()
  const subgraphs = useSubgraphs()

  const nodesOnly = () => editing.marked.filter((thing) => thing.type === 'node')
  /** The marked nodes with the marked notes, where all are parts of one graph. */
  function parts(): SubgraphParts | undefined {
    const nodes = nodesOnly()
    const instance = nodes[0]?.instance
    if (instance === undefined || nodes.some((thing) => thing.instance !== instance)) return undefined
    const isNote = (thing: Marked) => thing.type === 'note' && thing.instance === instance
    const notes = editing.marked.filter(isNote).flatMap((thing) => (thing.type === 'note' ? [thing.note] : []))
    return { instance, nodes: nodes.map(({ node }) => node), notes }
  }
  function subgraph(): { instance: string; node: string } | undefined {
    const [only, ...more] = nodesOnly()
    const component = only && drafts.node(only.instance, only.node)?.component
    return more.length === 0 && isGraphComponent(component ?? '') ? only : undefined
  }
  const notEditing = () => (editing.isOn ? undefined : 'the canvas is not being edited')
  const manyGraphs = () => (nodesOnly().length === 0 ? 'no node is marked' : 'mark nodes of one instance alone')

  offerActions((): Action[] => [
    {
      id: 'edit.subgraph',
      title: 'Make a subgraph of the selection …',
      section: 'Edit',
      words: 'extract marked nodes component',
      icon: PackagePlus,
      keys: ['s'],
      keysIn: 'canvas',
      refusal: notEditing() ?? (parts() ? undefined : manyGraphs()),
      run: () => {
        const of = parts()
        if (of) editing.question = { type: 'subgraph', ...of }
      },
    },
    {
      id: 'edit.dissolve',
      title: 'Dissolve subgraph',
      section: 'Edit',
      words: 'inline expand unpack flatten',
      icon: PackageOpen,
      keys: ['Shift+s'],
      keysIn: 'canvas',
      refusal: notEditing() ?? (subgraph() ? undefined : 'mark one node that is a graph of its own'),
      run: () => {
        const of = subgraph()
        if (of) void subgraphs.dissolve(of.instance, of.node)
      },
    },
  ])
}
