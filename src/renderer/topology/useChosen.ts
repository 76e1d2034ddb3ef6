import { computed } from 'vue'
import { assertNever } from '../../shared/index.ts'
import type { Ref } from 'vue'
import { useSelection } from '../stores/useSelection.ts'
import { selectedInside, type InnerPlace } from '../view/inner-place.ts'
import { instanceKey, nodeKey } from '../view/topology.ts'
import type { useTopology } from './useTopology.ts'

/**
 * What of the canvas is selected: the one selection of all panels, by the names that the canvas uses. `within` is the graph inside a node
 * that is edited, if one is.
 */
export function useChosen(
  topology: Pick<ReturnType<typeof useTopology>, 'wireOf' | 'linkOf' | 'linkKeyTo'>,
  within: Ref<InnerPlace | undefined>,
) {
  const selection = useSelection()
  const chosenKey = computed(() => {
    const now = within.value ? selectedInside(selection.selected, within.value) : selection.selected
    switch (now?.type) {
      case undefined:
        return undefined
      case 'instance':
        return instanceKey(now.instance)
      case 'node':
        return nodeKey(now.instance, now.node)
      case 'wire':
        return `wire ${now.instance} ${now.wire}`
      case 'link':
        return topology.linkKeyTo(now.instance, now.peer)
      default:
        return assertNever(now)
    }
  })
  /** Selects the wire or the link that a line stands for. */
  function selectEdge(key: string): void {
    const wire = topology.wireOf(key)
    const link = topology.linkOf(key)
    if (wire) selection.select({ type: 'wire', instance: wire.instance, wire: wire.wire })
    else if (link) selection.select({ type: 'link', instance: link.instance, peer: link.peer })
  }
  return { chosenKey, selectEdge }
}
