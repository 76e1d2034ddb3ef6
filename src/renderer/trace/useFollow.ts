import { computed } from 'vue'
import { useDock } from '../dock/useDock.ts'
import { useConnection } from '../stores/useConnection.ts'
import { useLab } from '../stores/useLab.ts'
import { useSelection } from '../stores/useSelection.ts'
import { useTraces, type FollowPlace } from '../stores/useTraces.ts'
import { wireTitle } from '../view/readable-text.ts'

/** Following the next message of what is selected. */
export function useFollow() {
  const connection = useConnection()
  const dock = useDock()
  const lab = useLab()
  const selection = useSelection()
  const traces = useTraces()

  const place = computed((): FollowPlace | undefined => {
    const now = selection.selected
    if (now?.type === 'node') return { instance: now.instance, node: now.node }
    return now?.type === 'wire' ? { instance: now.instance, wire: now.wire } : undefined
  })
  const name = computed(() => {
    const now = place.value
    return now === undefined ? '' : 'wire' in now ? wireTitle(now.wire) : now.node
  })
  const refusal = computed(() => {
    if (place.value === undefined) return 'Select a node or a wire first'
    if (!connection.isLive) return 'Not connected'
    return lab.instance(place.value.instance)?.state === 'running' ? undefined : 'Its instance does not run'
  })

  return {
    name,
    /** Why it cannot be done now. */
    refusal,
    async next(): Promise<void> {
      if (!place.value || refusal.value !== undefined) return
      dock.show('trace', { focus: false })
      await traces.followNext(place.value, name.value)
    },
  }
}
