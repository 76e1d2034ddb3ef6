import { watchThrottled } from '@vueuse/core'
import { shallowRef, watch, type ShallowRef } from 'vue'
import type { MetricsPoint } from '../../shared/index.ts'
import { useConnection } from '../stores/useConnection.ts'
import { useFigures } from '../stores/useFigures.ts'
import { useToasts } from '../stores/useToasts.ts'
import { pointOf, withPoint } from '../view/chart-series.ts'
import { failureOf } from '../view/failure.ts'

/** The points of each instance, by its name. */
export type History = ReadonlyMap<string, readonly MetricsPoint[]>

/** As long as the longest time window. */
const keptMs = 15 * 60_000
const spacingMs = 900
/** Charts are drawn at most twice a second. */
const redrawMs = 500

/** What the charts draw: the history of the lab, then the live figures, for as long as the charts are on screen. */
export function useHistory(): Readonly<ShallowRef<History>> {
  const connection = useConnection()
  const figures = useFigures()
  const toasts = useToasts()
  const history = shallowRef<History>(new Map())

  watch(
    () => connection.current,
    async (current) => {
      if (!current) return
      try {
        const past = await current.client.metrics.history({ sinceMs: Date.now() - keptMs })
        history.value = new Map(past.map(({ instance, points }) => [instance, points]))
      } catch (error) {
        if (connection.current === current)
          toasts.show({ tone: 'error', title: 'The history of the charts could not be read', ...failureOf(error) })
      }
    },
    { immediate: true },
  )

  watchThrottled(
    () => figures.all,
    (all) => {
      const next = new Map(history.value)
      for (const [instance, { metrics, rates }] of all) {
        const points = next.get(instance) ?? []
        next.set(instance, withPoint(points, pointOf(metrics, rates), { sinceMs: Date.now() - keptMs, spacingMs }))
      }
      history.value = next
    },
    { throttle: redrawMs },
  )
  return history
}
