import { watchDebounced } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { ShownDifference } from '../../shared/index.ts'
import { useConnection } from '../stores/useConnection.ts'
import { useLab } from '../stores/useLab.ts'
import { failureOf, type Failure } from '../view/failure.ts'
import { useGraphs } from './useGraphs.ts'

/** What of one graph is not applied, or not saved. */
export interface GraphChanges {
  graph: string
  /** What an apply would change in running networks. */
  toApply: readonly ShownDifference[]
  /** Whether a save would make the file. */
  isNew: boolean
  /** What a save would change in the file. */
  toSave: readonly ShownDifference[]
}

/** The changes that nothing runs yet, and those that are in no file yet; and how they get there. */
export const useChanges = defineStore('changes', () => {
  const connection = useConnection()
  const graphs = useGraphs()
  const lab = useLab()
  const changes = shallowRef<readonly GraphChanges[]>([])
  /** Why the last apply or save could not be; the changes are all still there. */
  const failure = shallowRef<Failure & { title: string }>()
  const isBusy = shallowRef(false)

  const open = computed(() =>
    graphs.all
      .filter(({ summary }) => summary.isChanged || summary.notApplied.length > 0)
      .map(({ summary }) => summary),
  )
  const marks = computed(() => JSON.stringify([open.value, lab.instances.map(({ state }) => state)]))
  watchDebounced(marks, read, { debounce: 120, maxWait: 500, immediate: true })
  // Why the last could not be says nothing of what has been edited since.
  watch(
    () => graphs.all.map(({ summary }) => summary.revision).join(),
    () => (failure.value = undefined),
  )

  async function read(): Promise<void> {
    const client = connection.current?.client
    if (!client) return
    const wanted = open.value
    try {
      const found = await Promise.all(
        wanted.map(async ({ graph, isChanged, isNew = false, notApplied }): Promise<GraphChanges> => {
          const [running, file] = await Promise.all([
            notApplied.length > 0 ? client.graphs.differences({ graph, against: 'running' }) : [],
            isChanged ? client.graphs.differences({ graph, against: 'file' }) : [],
          ])
          const toApply = running.flatMap(({ differences }) => differences.filter(({ matters }) => matters))
          // Instances that share a graph want the same of it.
          const once = new Map(toApply.map((difference) => [difference.text, difference]))
          return { graph, isNew, toApply: [...once.values()], toSave: file.flatMap(({ differences }) => differences) }
        }),
      )
      changes.value = found
    } catch (error) {
      // A lost connection has a banner of its own, and everything is read anew after it.
      if (connection.isLive) failure.value = { title: 'The changes cannot be compared', ...failureOf(error) }
    }
  }

  /** Does something to each graph until one fails. */
  async function each(
    title: string,
    names: readonly string[],
    act: (graph: string) => Promise<Failure | undefined>,
  ): Promise<boolean> {
    isBusy.value = true
    failure.value = undefined
    try {
      for (const graph of names) {
        const failed = await act(graph)
        if (!failed) continue
        failure.value = { title: names.length > 1 ? `${title} ${graph}` : title, ...failed }
        return false
      }
      return true
    } finally {
      isBusy.value = false
    }
  }

  const notApplied = computed(() => open.value.filter((summary) => summary.notApplied.length > 0))
  const notSaved = computed(() => open.value.filter(({ isChanged }) => isChanged))
  const names = (summaries: readonly { graph: string }[]) => summaries.map(({ graph }) => graph)

  const changedNodes = computed(
    () =>
      new Map(
        changes.value.map(({ graph, toApply }) => [
          graph,
          new Set(toApply.flatMap(({ kind, type, name }) => (kind === 'node' && type === 'changed' ? [name] : []))),
        ]),
      ),
  )

  return {
    /** Whether a node runs otherwise than it is drawn. */
    isChanged: (graph: string, node: string) => changedNodes.value.get(graph)?.has(node) === true,
    changes,
    failure,
    isBusy,
    notApplied,
    notSaved,
    /** Graph files that something else has written meanwhile. */
    changedOnDisk: computed(() =>
      graphs.all.filter(({ summary }) => summary.isChangedOnDisk).map(({ summary }) => summary),
    ),
    isLive: computed(() => graphs.all.length > 0 && graphs.all.every(({ summary }) => summary.isLive)),
    apply: () => each('The changes could not be applied', names(notApplied.value), graphs.apply),
    save: (overwrite = false) =>
      each('The graph could not be saved', names(notSaved.value), (graph) => graphs.save(graph, overwrite)),
    discard: () => each('The changes could not be discarded', names(open.value), graphs.discard),
    reload: (graph: string) => graphs.reload(graph),
    setLive: (live: boolean) =>
      each(
        'The changes could not be applied',
        graphs.all.map(({ summary }) => summary.graph),
        (graph) => graphs.setLive(graph, live),
      ),
    forgive: () => (failure.value = undefined),
  }
})
