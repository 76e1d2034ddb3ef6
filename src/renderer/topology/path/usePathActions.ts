import type { Ref } from 'vue'
import type { Action } from '../../actions/action.ts'
import { useDrafts } from '../../graphs/useDrafts.ts'
import { offerActions } from '../../stores/useActions.ts'
import { useCommands } from '../../stores/useCommands.ts'
import { useLab } from '../../stores/useLab.ts'
import { usePath } from '../../stores/usePath.ts'
import { useSelection } from '../../stores/useSelection.ts'
import { formatMs } from '../../view/format.ts'
import { pathOfNodes, pathOfRoute, reachOf } from '../../view/path.ts'
import { nodeKey } from '../../view/topology.ts'
import type { CanvasEdge } from '../canvas/canvas-element.ts'

/** Lights up what feeds the selected node, what it feeds, and the way on which a message takes longest. */
export function usePathActions(edges: Ref<readonly CanvasEdge[]>): void {
  const commands = useCommands()
  const drafts = useDrafts()
  const lab = useLab()
  const path = usePath()
  const selection = useSelection()
  const node = () => (selection.selected?.type === 'node' ? selection.selected : undefined)

  function reach(direction: 'upstream' | 'downstream'): void {
    const now = node()
    if (!now) return
    const keys = reachOf(edges.value, nodeKey(now.instance, now.node), direction)
    const others = keys.size - 1
    const what = direction === 'upstream' ? `feed ${now.node}` : `are fed by ${now.node}`
    path.show(pathOfNodes(keys, `${others === 0 ? 'No nodes' : others === 1 ? '1 node' : `${others} nodes`} ${what}`))
  }

  /** By what it takes now where the instance runs, else by the number of nodes. */
  async function critical(): Promise<void> {
    const instance = selection.instance ?? lab.instances[0]?.instance
    const graph = instance === undefined ? undefined : drafts.graphOf(instance)?.summary.graph
    if (instance === undefined || graph === undefined) return
    await commands.ask('Find the critical path', async (client) => {
      const { analysis, running } = await client.graphs.analyse({ graph })
      const load = running.find((each) => each.instance === instance)?.load
      const { nodes, ms } = load?.criticalPath ?? analysis.criticalPath
      const of = ms === undefined ? `${nodes.length} nodes` : `${formatMs(ms)} over ${nodes.length} nodes`
      const keys = nodes.map((id) => nodeKey(instance, id))
      path.show(pathOfRoute(keys, `Critical path of ${instance}: ${of}`))
    })
  }

  const noNode = () => (node() === undefined ? 'no node is selected' : undefined)
  offerActions((): Action[] => [
    {
      id: 'canvas.upstream',
      title: 'Light up all that feeds the selected node',
      words: 'upstream sources highlight',
      section: 'Canvas',
      keys: ['u'],
      refusal: noNode(),
      run: () => reach('upstream'),
    },
    {
      id: 'canvas.downstream',
      title: 'Light up all that the selected node feeds',
      words: 'downstream sinks highlight',
      section: 'Canvas',
      keys: ['d'],
      refusal: noNode(),
      run: () => reach('downstream'),
    },
    {
      id: 'canvas.critical',
      title: 'Light up the critical path',
      words: 'slowest longest way highlight bottleneck',
      section: 'Canvas',
      keys: ['Shift+c'],
      refusal: lab.instances.length === 0 ? 'there is no instance' : undefined,
      run: critical,
    },
    {
      id: 'canvas.unlight',
      title: 'Light nothing up any more',
      words: 'clear highlight path trace',
      section: 'Canvas',
      keys: ['x'],
      refusal: path.shown === undefined ? 'nothing is lit up' : undefined,
      run: () => path.clear(),
    },
  ])
}
