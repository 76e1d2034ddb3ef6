import { defineStore } from 'pinia'
import { watch } from 'vue'
import { useBoard } from '../charts/useBoard.ts'
import { LimitWatch } from '../view/limit-watch.ts'
import { chartKinds, instanceKinds, valuesOf } from '../view/chart-kinds.ts'
import { pointOf } from '../view/chart-series.ts'
import { formatGauge } from '../view/format.ts'
import { notify } from './notify.ts'
import { useConnection } from './useConnection.ts'
import { useFigures } from './useFigures.ts'
import { useLab } from './useLab.ts'
import { useLimits } from './useLimits.ts'
import { useToasts } from './useToasts.ts'

/** Watches the limits of charts once a second, whether the charts or the page are in sight or not, and tells of each that is crossed for long enough. */
export const useAlerts = defineStore('alerts', () => {
  // The board itself keeps the past of everything, which nobody needs who has set no limit.
  const kept = useLimits()
  const connection = useConnection()
  const figures = useFigures()
  const lab = useLab()
  const toasts = useToasts()
  const limits = new LimitWatch()

  watch(
    () => figures.nowMs,
    (nowMs) => {
      const wanted = Object.entries(kept.value)
      if (wanted.length === 0) return
      const now = new Map(lab.instances.flatMap(({ instance }) => [...currentValues(instance)]))
      for (const [kind, limit] of wanted) {
        const values = [...now].filter(([key]) => key.startsWith(`${kind} `))
        for (const { key, value } of limits.crossed(kind, limit, values, nowMs)) tell(kind, key, value, limit.above)
      }
    },
  )

  function* currentValues(instance: string): Generator<readonly [string, number]> {
    const live = figures.of(instance)
    if (!live || figures.staleForMs(instance) !== undefined) return
    const point = pointOf(live.metrics, live.rates)
    for (const kind of instanceKinds) yield [`${kind.id} ${instance}`, kind.pick(point)]
    yield* valuesOf(instance, live.metrics, live.rates)
  }

  function tell(kindId: string, key: string, value: number, above: number): void {
    const kind = chartKinds.find(({ id }) => id === kindId)
    if (!kind) return
    const name = key.slice(kindId.length + 1)
    const title = `${kind.title}: ${name} above ${above}${kind.unit}`
    const text = `It is at ${formatGauge(value)}${kind.unit}.`
    toasts.show({ tone: 'error', title, text })
    useBoard().annotate(`${name} above ${above}${kind.unit}`)
    notify(title, text)
    // The log and the desktop's notification tell it too; a connection that is gone has its own banner.
    connection.current?.client.alerts.raise({ title: title.slice(0, 300), text }).catch(() => undefined)
  }

  return {}
})
