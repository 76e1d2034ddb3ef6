import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { useFigures } from '../stores/useFigures.ts'
import { useLab } from '../stores/useLab.ts'
import { chartKinds, firstBoard, valuesOf } from '../view/chart-kinds.ts'
import { SeriesStore } from '../view/series-store.ts'

/** Seconds of the past that are kept of nodes, wires and links. */
const keptSeconds = 900

/** Something that happened, drawn as a line across all charts. */
export interface Annotation {
  timeMs: number
  text: string
}

/** A limit of a chart: crossed for long enough, it is told. */
export interface ChartLimit {
  above: number
  forSeconds: number
}

const annotationLimit = 60

/** The board of charts: which there are, the time they show, what happened meanwhile. Kept while the panel is hidden. */
export const useBoard = defineStore('board', () => {
  const figures = useFigures()
  const lab = useLab()
  const charts = useLocalStorage<string[]>('millrace.board', [...firstBoard])
  const limits = useLocalStorage<Record<string, ChartLimit>>('millrace.board.limits', {})
  const minutes = useLocalStorage('millrace.charts.minutes', 5)
  /** A stretch of time that was zoomed into; the newest when absent. */
  const zoom = shallowRef<{ sinceMs: number; untilMs: number }>()
  const series = new SeriesStore(keptSeconds)
  const grown = shallowRef(0)
  const annotations = shallowRef<readonly Annotation[]>([])
  const onlySelected = useLocalStorage('millrace.board.selected', true)

  watch(
    () => figures.nowMs,
    (nowMs) => {
      const values = lab.instances.flatMap(({ instance }) => {
        const live = figures.of(instance)
        return live ? [...valuesOf(instance, live.metrics, live.rates)] : []
      })
      if (values.length === 0) return
      series.add(nowMs, values)
      grown.value += 1
    },
  )

  watch(
    () => new Map(lab.instances.map(({ instance, state, graphFile }) => [instance, { state, graphFile }])),
    (now, before) => {
      const changes = [...now].flatMap(([instance, { state }]) => {
        const was = before.get(instance)?.state
        return was === undefined || was === state || state === 'starting' || state === 'stopping'
          ? []
          : [`${instance} ${state}`]
      })
      if (changes.length > 0) annotate(changes.join(', '))
    },
  )

  function annotate(text: string): void {
    annotations.value = [...annotations.value, { timeMs: Date.now(), text }].slice(-annotationLimit)
  }

  return {
    charts: computed(() => charts.value.flatMap((id) => chartKinds.find((kind) => kind.id === id) ?? [])),
    limits,
    minutes,
    zoom,
    annotations,
    annotate,
    onlySelected,
    /** The series of nodes, wires and links; reading it follows it. */
    series: () => (grown.value >= 0 ? series : series),
    has: (id: string) => charts.value.includes(id),
    add: (id: string) => (charts.value = [...charts.value.filter((other) => other !== id), id]),
    remove: (id: string) => (charts.value = charts.value.filter((other) => other !== id)),
    reset: () => (charts.value = [...firstBoard]),
    setLimit(id: string, limit: ChartLimit | undefined): void {
      const others = Object.fromEntries(Object.entries(limits.value).filter(([other]) => other !== id))
      limits.value = limit ? { ...others, [id]: limit } : others
    },
  }
})
