import Fuse from 'fuse.js'
import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowRef, type ComputedRef } from 'vue'
import type { Action } from '../actions/action.ts'

const recentLimit = 6

/** Every action that can be asked for now. Those who know some add them, and take them away again when they go. */
export const useActions = defineStore('actions', () => {
  const sources = shallowRef<readonly ComputedRef<readonly Action[]>[]>([])
  const recent = shallowRef<readonly string[]>([])
  const all = computed(() => sources.value.flatMap((source) => source.value))

  /** Adds actions; returns what takes them away. */
  function add(source: ComputedRef<readonly Action[]>): () => void {
    sources.value = [...sources.value, source]
    return () => (sources.value = sources.value.filter((other) => other !== source))
  }

  /** Does it, unless it cannot be done now. */
  function run(action: Action): void {
    if (action.refusal !== undefined) return
    recent.value = [action.id, ...recent.value.filter((id) => id !== action.id)].slice(0, recentLimit)
    void action.run()
  }

  const finder = computed(
    () =>
      new Fuse(all.value, {
        keys: [
          { name: 'title', weight: 3 },
          { name: 'words', weight: 1 },
          { name: 'section', weight: 1 },
        ],
        threshold: 0.35,
        ignoreLocation: true,
      }),
  )
  /** The actions that a few letters may mean, the likeliest first. */
  const search = (text: string, limit: number): Action[] => finder.value.search(text, { limit }).map(({ item }) => item)

  return { all, recent, add, run, search, find: (id: string) => all.value.find((action) => action.id === id) }
})

/** Offers actions for as long as the surrounding component or store lives. */
export function offerActions(actions: () => readonly Action[]): void {
  onScopeDispose(useActions().add(computed(actions)))
}
