import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { Path } from '../view/path.ts'

/** What is lit up on the canvas, and the one node that is looked at, there or in a list beside it. */
export const usePath = defineStore('path', () => {
  const shown = shallowRef<Path>()
  /** The key of the node under the pointer, on the canvas or in a list. */
  const pointedAt = shallowRef<string>()
  return {
    shown,
    pointedAt,
    show: (path: Path) => (shown.value = path),
    clear(): void {
      shown.value = undefined
      pointedAt.value = undefined
    },
  }
})
