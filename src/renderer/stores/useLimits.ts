import { useLocalStorage, type RemovableRef } from '@vueuse/core'
import type { Limit } from '../view/limit-watch.ts'

/** The limits that a person has set, by what they are of: a chart's kind, or a field. Kept between visits. */
export function useLimits(): RemovableRef<Record<string, Limit>> {
  return useLocalStorage<Record<string, Limit>>('millrace.board.limits', {})
}
