import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { innerPlace, runningSelected } from '../view/inner-place.ts'
import type { Selected } from '../view/selected.ts'
import { useLab } from './useLab.ts'

const backLimit = 50

/** The one selection that all panels share, and the way back to those before it. */
export const useSelection = defineStore('selection', () => {
  const lab = useLab()
  const selected = shallowRef<Selected>()
  const past = shallowRef<readonly Selected[]>([])
  const future = shallowRef<readonly Selected[]>([])

  function select(wanted: Selected | undefined): void {
    const before = selected.value
    // What is inside a graph that is edited is selected by the name that all panels know.
    const next =
      wanted &&
      runningSelected(
        wanted,
        innerPlace(wanted.instance, (name) => lab.instance(name) !== undefined),
      )
    if (before && next && isSame(before, next)) return
    if (before) past.value = [...past.value, before].slice(-backLimit)
    future.value = []
    selected.value = next
  }

  function step(from: typeof past, to: typeof past): void {
    const target = from.value.at(-1)
    if (!target) return
    from.value = from.value.slice(0, -1)
    if (selected.value) to.value = [...to.value, selected.value]
    selected.value = target
  }

  return {
    selected,
    select,
    canGoBack: computed(() => past.value.length > 0),
    canGoForward: computed(() => future.value.length > 0),
    /** Selects what was selected before. */
    back: () => step(past, future),
    /** Undoes one step back. */
    forward: () => step(future, past),
    isInstance: (instance: string) => selected.value?.type === 'instance' && selected.value.instance === instance,
    isNode: (instance: string, node: string) =>
      selected.value?.type === 'node' && selected.value.instance === instance && selected.value.node === node,
    isWire: (instance: string, wire: string) =>
      selected.value?.type === 'wire' && selected.value.instance === instance && selected.value.wire === wire,
    isLink: (instance: string, peer: string) =>
      selected.value?.type === 'link' && selected.value.instance === instance && selected.value.peer === peer,
    instance: computed(() => selected.value?.instance),
  }
})

function isSame(one: Selected, other: Selected): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
