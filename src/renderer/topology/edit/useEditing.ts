import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Place } from '../../view/draft-layout.ts'
import type { PortEnd } from '../../view/port-rules.ts'

/** Something on the canvas that is marked to be edited together with others. */
export type Marked =
  | { type: 'node'; instance: string; node: string }
  | { type: 'wire'; instance: string; wire: string }
  | { type: 'note'; instance: string; note: string }
  | { type: 'group'; instance: string; group: string }

/** A question about adding a node: where, and at the end of which wire. */
export interface QuickAddQuestion {
  instance: string
  /** In the graph file's coordinates; absent means wherever there is room in sight. */
  position?: Place
  /** Where on screen it is asked. */
  at?: Place
  end?: PortEnd
}

/** A question that a dialog asks. */
export type EditQuestion =
  | { type: 'connect'; instance: string; node: string }
  | { type: 'subgraph'; instance: string; nodes: readonly string[]; notes: readonly string[] }
  | { type: 'rename'; of: Extract<Marked, { type: 'node' | 'group' }> }

/** Whether the canvas is being edited, what is marked on it, and which question is open. */
export const useEditing = defineStore('editing', () => {
  const isOn = useLocalStorage('millrace.editing', false)
  const marks = shallowRef<ReadonlyMap<string, Marked>>(new Map())
  /** The port that a wire is being drawn from, while it is. */
  const drawing = shallowRef<PortEnd>()
  /** Why the port under the pointer cannot take that wire. */
  const refusal = shallowRef<string>()
  const quickAdd = shallowRef<QuickAddQuestion>()
  const question = shallowRef<EditQuestion>()
  /** The note that is being written. */
  const writing = shallowRef<string>()
  /** The graph inside a node that is looked into, from the outermost node on; empty at the top. */
  const inside = shallowRef<{ instance: string; path: readonly string[] }>()

  return {
    isOn,
    writing,
    inside,
    marks,
    marked: computed(() => [...marks.value.values()]),
    drawing,
    refusal,
    quickAdd,
    question,
    isMarked: (key: string) => marks.value.has(key),
    /** Marks these things alone. */
    mark(things: Iterable<readonly [string, Marked]>): void {
      marks.value = new Map(things)
    },
    /** Marks one thing more, or no longer. */
    toggle(key: string, thing: Marked): void {
      const next = new Map(marks.value)
      if (!next.delete(key)) next.set(key, thing)
      marks.value = next
    },
    toggleMode(): void {
      isOn.value = !isOn.value
      quickAdd.value = undefined
      question.value = undefined
      drawing.value = undefined
      marks.value = new Map()
    },
  }
})
