import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { useGraphs } from '../graphs/useGraphs.ts'
import { useFigures } from '../stores/useFigures.ts'
import type { InstanceDescription } from '../../shared/index.ts'
import { useLab } from '../stores/useLab.ts'
import { useLimits } from '../stores/useLimits.ts'
import { chartKinds, firstBoard, valuesOf } from '../view/chart-kinds.ts'
import type { Limit } from '../view/limit-watch.ts'
import { SeriesStore } from '../view/series-store.ts'

/** Seconds of the past that are kept of nodes, wires and links. */
const keptSeconds = 900

/** Something that happened, drawn as a line across all charts. */
export interface Annotation {
  timeMs: number
  text: string
}

const annotationLimit = 60
/** What happens to several instances within this time has one cause, as a rule. */
const togetherMs = 5_000

/** The board of charts: which there are, the time they show, what happened meanwhile. Kept while the panel is hidden. */
export const useBoard = defineStore('board', () => {
  const figures = useFigures()
  const graphs = useGraphs()
  const lab = useLab()
  const charts = useLocalStorage<string[]>('millrace.board', [...firstBoard])
  const limits = useLimits()
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
          : [`${state}: ${instance}`]
      })
      if (changes.length > 0) annotate(changes.join(', '))
    },
  )

  watch(
    () => graphs.applied,
    (applied) => applied && annotate(`${applied.graph} applied`),
  )
  // What happened before the charts were first looked at.
  watch(
    () => lab.instances.length > 0,
    (isKnown) => isKnown && annotations.value.length === 0 && (annotations.value = pastOf(lab.instances)),
    { immediate: true },
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
    setLimit(id: string, limit: Limit | undefined): void {
      const others = Object.fromEntries(Object.entries(limits.value).filter(([other]) => other !== id))
      limits.value = limit ? { ...others, [id]: limit } : others
    },
  }
})

/** When instances were started, and how their runs ended; what happened to several at about the same time is one line. */
function pastOf(instances: readonly InstanceDescription[]): Annotation[] {
  const all = instances.flatMap(({ instance, state, startedAtMs, lastExit }) => [
    ...(lastExit ? [{ timeMs: lastExit.timeMs, instance, what: lastExit.how }] : []),
    ...(state === 'running' && startedAtMs !== undefined ? [{ timeMs: startedAtMs, instance, what: 'running' }] : []),
  ])
  const groups: { timeMs: number; what: string; instances: string[] }[] = []
  for (const { timeMs, instance, what } of all.sort((one, other) => one.timeMs - other.timeMs)) {
    const near = groups.find((group) => group.what === what && timeMs - group.timeMs < togetherMs)
    if (near) near.instances.push(instance)
    else groups.push({ timeMs, what, instances: [instance] })
  }
  return groups.map(({ timeMs, what, instances: [first = '', ...others] }) => ({
    timeMs,
    text: others.length === 0 ? `${what}: ${first}` : `${others.length + 1} ${what}`,
  }))
}
