import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'

/** What is selected everywhere: an instance, or one of its nodes. */
export interface Selected {
  instance: string
  node?: string
}

/** The one selection that all panels share. */
export const useSelection = defineStore('selection', () => {
  const selected = shallowRef<Selected>()
  return {
    selected,
    select(next: Selected | undefined): void {
      selected.value = next
    },
    isInstance: (instance: string) => selected.value?.instance === instance && selected.value.node === undefined,
    isNode: (instance: string, node: string) => selected.value?.instance === instance && selected.value.node === node,
    instance: computed(() => selected.value?.instance),
  }
})
