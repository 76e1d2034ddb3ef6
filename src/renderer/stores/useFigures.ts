import { useIntervalFn } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { InstanceMetrics, NodeSnapshot, WireSnapshot } from '../../shared/index.ts'
import { useStream } from '../connection/useStream.ts'
import { rolledUp, rolledUpRates } from '../view/roll-up.ts'
import { ratesOf, withSnapshot, type Rates } from '../view/rates.ts'
import { useConnection } from './useConnection.ts'
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

/** The live figures of every running instance. */
export const useFigures = defineStore('figures', () => {
  const connection = useConnection()
  const lab = useLab()
  const histories = new Map<string, InstanceMetrics[]>()
  const figures = shallowRef(new Map<string, Figures>())
  const nowMs = shallowRef(Date.now())
  useIntervalFn(() => (nowMs.value = Date.now()), 1_000)

  const { notShown } = useStream<InstanceMetrics>({
    title: 'Live figures',
    open: (client, signal) => client.streams.metrics({}, { signal }),
    show: (items) => {
      for (const metrics of items) take(metrics)
      figures.value = new Map(figures.value)
    },
  })

  function take(metrics: InstanceMetrics): void {
    const history = withSnapshot(histories.get(metrics.instance) ?? [], metrics)
    histories.set(metrics.instance, history)
    const rates = ratesOf(history)
    figures.value.set(metrics.instance, {
      metrics,
      before: history.length > 1 ? history[0] : undefined,
      rates: { ...rates, nodes: new Map([...rates.nodes, ...rolledUpRates(metrics, rates)]) },
      // Graphs that stand as nodes have figures of their own.
      nodes: new Map([...metrics.nodes, ...rolledUp(metrics)].map((node) => [node.id, node])),
      wires: new Map(metrics.wires.map((wire) => [wire.id, wire])),
      arrivedAtMs: Date.now(),
    })
  }

  /** The figures of an instance that runs; there are none of one that does not. */
  function of(instance: string): Figures | undefined {
    const state = lab.instance(instance)?.state
    return state === 'running' || state === 'stopping' ? figures.value.get(instance) : undefined
  }

  /** Milliseconds since an instance was last heard of, once that is too long ago to call its figures live. */
  function staleForMs(instance: string): number | undefined {
    const arrived = of(instance)?.arrivedAtMs
    if (arrived === undefined) return undefined
    const age = nowMs.value - arrived
    return age > staleAfterMs || !connection.isLive ? Math.max(0, age) : undefined
  }

  return {
    of,
    staleForMs,
    notShown,
    /** Changes whenever any figures do. */
    all: computed((): ReadonlyMap<string, Figures> => figures.value),
    /** The wall clock, once a second. */
    nowMs,
  }
})
