import { useDocumentVisibility } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, shallowRef, watchEffect } from 'vue'
import type { InstanceMetrics, NodeSnapshot, WireSnapshot } from '../../shared/index.ts'
import { useStream } from '../connection/useStream.ts'
import { useIntervalInSight } from '../parts/useIntervalInSight.ts'
import { keptParts } from '../view/kept.ts'
import { rolledUp, rolledUpRates } from '../view/roll-up.ts'
import { ratesOf, withSnapshot, type Rates } from '../view/rates.ts'
import { useConnection } from './useConnection.ts'
import { useLimits } from './useLimits.ts'
import { useLab } from './useLab.ts'

/** The newest figures of an instance, indexed for the many small components that each show one of them. */
export interface Figures {
  metrics: InstanceMetrics
  rates: Rates
  /** The figures that the rates were made with, some two seconds older; absent while there are none. */
  before: InstanceMetrics | undefined
  nodes: ReadonlyMap<string, NodeSnapshot>
  wires: ReadonlyMap<string, WireSnapshot>
  /** When they arrived, by this window's clock. */
  arrivedAtMs: number
}

/** Figures older than this are not shown as live. */
export const staleAfterMs = 4_000

/** How often figures are shown while they are held, by a hand that never pauses. */
const heldIntervalMs = 10_000

/** Figures move the clock when it stood for so long: they come a little late, once or twice a second. */
const tickMs = 900
/** Without figures it moves by itself. Sooner, it would move just before them, and the page would be painted twice. */
const lonelyTickMs = 1_100

/** The live figures of every running instance. */
export const useFigures = defineStore('figures', () => {
  const connection = useConnection()
  const lab = useLab()
  const limits = useLimits()
  const visibility = useDocumentVisibility()
  const histories = new Map<string, InstanceMetrics[]>()
  const figures = shallowRef(new Map<string, Figures>())
  const nowMs = shallowRef(Date.now())
  let holders = 0
  /** The newest of each instance that are not shown yet. */
  const waiting = new Map<string, InstanceMetrics>()
  /** When each instance was last heard of, shown or not. */
  const heardAtMs = new Map<string, number>()
  let publishedAtMs = 0
  const waitAnew = useIntervalInSight(() => (nowMs.value = Date.now()), lonelyTickMs)

  /** Moves the clock by about a second, together with new figures: so both are painted at once. */
  function tick(): void {
    const now = Date.now()
    if (now - nowMs.value < tickMs) return
    nowMs.value = now
    waitAnew()
  }

  const { notShown } = useStream<InstanceMetrics>({
    title: 'Live figures',
    open: (client, signal) => client.streams.metrics({}, { signal }),
    // Who has set a limit wants to be told of it most of all while looking at something else.
    whileHidden: () => Object.keys(limits.value).length > 0,
    show: (items) => {
      for (const metrics of items) {
        const before = waiting.get(metrics.instance)
        // One that was restarted counts anew: what came last before that would be taken for what it did since.
        if (before && metrics.process.uptimeMs < before.process.uptimeMs) take(before)
        waiting.set(metrics.instance, metrics)
        heardAtMs.set(metrics.instance, Date.now())
      }
      const isHidden = visibility.value !== 'visible'
      const isDue = holders === 0 || isHidden || Date.now() - publishedAtMs >= heldIntervalMs
      if (!isDue) return
      publish()
      tick()
    },
  })

  function publish(): void {
    if (waiting.size === 0) return
    for (const metrics of waiting.values()) take(metrics)
    waiting.clear()
    publishedAtMs = Date.now()
    figures.value = new Map(figures.value)
  }

  /**
   * While a hand moves a large picture, new figures wait: to render and paint those of 300 nodes takes as long as fifteen to forty
   * steps of the movement. Answers what ends it, and then shows the newest.
   */
  function hold(): () => void {
    holders += 1
    return () => {
      holders -= 1
      if (holders === 0) publish()
    }
  }

  function take(metrics: InstanceMetrics): void {
    const history = withSnapshot(histories.get(metrics.instance) ?? [], metrics)
    histories.set(metrics.instance, history)
    const rates = ratesOf(history)
    const known = figures.value.get(metrics.instance)
    figures.value.set(metrics.instance, {
      metrics,
      before: history.length > 1 ? history[0] : undefined,
      rates: keptParts(known?.rates, {
        ...rates,
        nodes: new Map([...rates.nodes, ...rolledUpRates(metrics, rates)]),
      }),
      // Graphs that stand as nodes have figures of their own.
      nodes: keptParts(known?.nodes, new Map([...metrics.nodes, ...rolledUp(metrics)].map((node) => [node.id, node]))),
      wires: keptParts(known?.wires, new Map(metrics.wires.map((wire) => [wire.id, wire]))),
      arrivedAtMs: heardAtMs.get(metrics.instance) ?? Date.now(),
    })
  }

  /** Those of instances that run. Small components of large canvases read this rather than call `of`, which costs far more. */
  const live = computed((): ReadonlyMap<string, Figures> => {
    const running = lab.instances.filter(({ state }) => state === 'running' || state === 'stopping')
    return new Map(
      running.flatMap(({ instance }) => {
        const known = figures.value.get(instance)
        return known ? [[instance, known] as const] : []
      }),
    )
  })

  /** The figures of an instance that runs; there are none of one that does not. */
  function of(instance: string): Figures | undefined {
    return live.value.get(instance)
  }

  /** Milliseconds since an instance was last heard of, once that is too long ago to call its figures live. */
  function staleForMs(instance: string): number | undefined {
    if (of(instance) === undefined) return undefined
    const age = nowMs.value - (heardAtMs.get(instance) ?? nowMs.value)
    return age > staleAfterMs || !connection.isLive ? Math.max(0, age) : undefined
  }

  /** Instances that were not heard of for too long. Kept, not computed: each second every card would ask whether it is another one. */
  const stale = shallowRef<ReadonlySet<string>>(new Set())
  watchEffect(
    () => {
      const now = new Set([...live.value.keys()].filter((instance) => staleForMs(instance) !== undefined))
      const before = stale.value
      if (now.size !== before.size || [...now].some((instance) => !before.has(instance))) stale.value = now
    },
    { flush: 'sync' },
  )

  return {
    of,
    hold,
    live,
    stale,
    staleForMs,
    notShown,
    /** Changes whenever any figures do. */
    all: computed((): ReadonlyMap<string, Figures> => figures.value),
    /** The wall clock, about once a second. */
    nowMs,
  }
})
