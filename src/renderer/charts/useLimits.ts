import { watch } from 'vue'
import { useToasts } from '../stores/useToasts.ts'
import { formatGauge } from '../view/format.ts'
import type { ChartLine } from '../view/chart-series.ts'
import { useBoard } from './useBoard.ts'

/** Tells when a line has stayed above the limit of its chart for as long as was asked, once until it has come down again. */
export function useLimits(
  charts: () => readonly { id: string; title: string; unit: string; lines: readonly ChartLine[] }[],
) {
  const board = useBoard()
  const toasts = useToasts()
  const told = new Set<string>()
  watch(charts, (now) => {
    for (const { id, title, unit, lines } of now) {
      const limit = board.limits[id]
      for (const { name, points } of lines) {
        const key = `${id} ${name}`
        const since = limit && (points.at(-1)?.[0] ?? 0) - limit.forSeconds * 1000
        const recent = points.filter(([timeMs]) => since !== undefined && timeMs >= since)
        const isAbove =
          limit !== undefined && recent.length > 0 && recent.every(([, value]) => (value ?? 0) > limit.above)
        const isOldEnough = limit?.forSeconds === 0 || (points[0]?.[0] ?? Infinity) <= (since ?? 0)
        if (!isAbove) told.delete(key)
        else if (isOldEnough && !told.has(key)) {
          told.add(key)
          const value = formatGauge(points.at(-1)?.[1] ?? 0)
          toasts.show({
            tone: 'error',
            title: `${title}: ${name} above ${limit.above}${unit}`,
            text: `It is at ${value}${unit}.`,
          })
          board.annotate(`${name} above ${limit.above}${unit}`)
        }
      }
    }
  })
}
