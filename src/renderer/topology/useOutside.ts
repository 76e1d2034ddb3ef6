import { computed, shallowRef, watch, type Ref } from 'vue'
import { useFigures } from '../stores/useFigures.ts'
import { useLab } from '../stores/useLab.ts'
import { outsidePeers, type OutsidePeers } from '../view/outside-peers.ts'

const none: OutsidePeers = { peers: [], links: [] }

/** The peers outside the lab while they are drawn. It changes when they come, go, or carry something else, not with their figures. */
export function useOutside(isShown: Ref<boolean>): Ref<OutsidePeers> {
  const lab = useLab()
  const figures = useFigures()
  const now = computed(() =>
    isShown.value ? outsidePeers(lab.instances, (instance) => figures.of(instance)?.metrics.links ?? []) : none,
  )
  const kept = shallowRef(now.value)
  watch(
    () => JSON.stringify(now.value),
    () => (kept.value = now.value),
  )
  return kept
}
