import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { TappedMessage } from '../../shared/index.ts'
import { useLab } from '../stores/useLab.ts'
import { fieldKey, numberAt, readFields, withPoints, type PlottedField } from '../view/plotted-field.ts'

const keptMs = 15 * 60_000
const pointsKept = 6_000

/** The fields of messages that are drawn as charts, by the lab; what was seen of them stays while their charts are hidden. */
export const useFields = defineStore('fields', () => {
  const lab = useLab()
  const kept = useLocalStorage<Record<string, unknown>>('millrace.fields', {})
  const seen = new Map<string, [number, number][]>()
  const grown = shallowRef(0)
  const name = computed(() => lab.lab?.file ?? '')
  const all = computed((): readonly PlottedField[] => readFields(kept.value[name.value]))

  function keep(fields: readonly PlottedField[]): void {
    kept.value = { ...kept.value, [name.value]: fields }
  }

  return {
    all,
    has: (field: PlottedField) => all.value.some((other) => fieldKey(other) === fieldKey(field)),
    add: (field: PlottedField) =>
      keep([...all.value.filter((other) => fieldKey(other) !== fieldKey(field)), { ...field }]),
    remove(key: string): void {
      seen.delete(key)
      keep(all.value.filter((other) => fieldKey(other) !== key))
    },
    /** Takes note of messages of the wire of a field. */
    see(field: PlottedField, messages: readonly TappedMessage[]): void {
      const fresh = messages.flatMap(({ timeMs, message }): [number, number][] => {
        const value = numberAt(message?.data, field.path)
        return value === undefined ? [] : [[timeMs, value]]
      })
      if (fresh.length === 0) return
      const key = fieldKey(field)
      seen.set(key, withPoints(seen.get(key) ?? [], fresh, { sinceMs: Date.now() - keptMs, limit: pointsKept }))
      grown.value += 1
    },
    /** What was seen of a field; reading it follows it. */
    points: (field: PlottedField): readonly [number, number][] =>
      grown.value >= 0 ? (seen.get(fieldKey(field)) ?? []) : [],
  }
})
