import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { useFigures } from '../stores/useFigures.ts'
import { useDrafts } from '../graphs/useDrafts.ts'
import { useSelection } from '../stores/useSelection.ts'
import { innerName } from '../view/inner-place.ts'
import { useEditing } from './edit/useEditing.ts'
import { actorRows, arrangeRows } from '../view/actor-rows.ts'

/** Finding on the canvas: what is found stays lit, the rest is dimmed. The words are those of the table of actors. */
export const useFind = defineStore('find', () => {
  const drafts = useDrafts()
  const figures = useFigures()
  const selection = useSelection()
  const editing = useEditing()
  const isOpen = shallowRef(false)
  const text = shallowRef('')
  const isActive = computed(() => isOpen.value && text.value.trim() !== '')
  /** The instances, or the graph inside a node that is edited. */
  const drawn = computed(() => {
    const place = editing.inside && { instance: editing.inside.instance, path: editing.inside.path.join('/') }
    const inside = editing.isOn && place ? drafts.instance(innerName(place)) : undefined
    return inside ? [inside] : drafts.instances
  })
  const found = computed(() =>
    isActive.value && figures.all.size >= 0
      ? arrangeRows(actorRows(drawn.value, figures.of), {
          search: text.value,
          sortBy: undefined,
          isDescending: false,
        })
      : [],
  )
  const keys = computed(() => new Set(found.value.map(({ key }) => key)))

  return {
    isOpen,
    text,
    found,
    /** Whether a node is to be dimmed. */
    isDimmed: (instance: string, node: string) => isActive.value && !keys.value.has(`${instance} ${node}`),
    open: () => (isOpen.value = true),
    close(): void {
      isOpen.value = false
      text.value = ''
    },
    /** Selects the next of those found, or the one before. */
    step(direction: 1 | -1): void {
      const rows = found.value
      const place = rows.findIndex((row) => {
        const running = drafts.running(row.instance, row.node)
        return selection.isNode(running.instance, running.node)
      })
      const next = rows[(place + direction + rows.length) % Math.max(1, rows.length)]
      if (next) selection.select({ type: 'node', instance: next.instance, node: next.node })
    },
  }
})
