import { useDocumentVisibility, useIntervalFn } from '@vueuse/core'
import { watch } from 'vue'

/**
 * Does something every so many milliseconds while the page can be seen, and as soon as it can be seen again: hidden, it costs nothing.
 * Answers what begins the wait anew, for who has just done it for another reason.
 */
export function useIntervalInSight(act: () => unknown, everyMs: number): () => void {
  const visibility = useDocumentVisibility()
  const { pause, resume } = useIntervalFn(act, everyMs, { immediate: false })
  watch(
    visibility,
    (now, before) => {
      if (now !== 'visible') return pause()
      resume()
      if (before !== undefined) void act()
    },
    { immediate: true, flush: 'sync' },
  )
  return () => {
    if (visibility.value === 'visible') resume()
  }
}
