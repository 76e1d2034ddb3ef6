import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { logLevels, type LogLevel } from '../../shared/index.ts'
import type { LogMode } from '../view/log-buffer.ts'
import type { LogMark } from '../view/log-rows.ts'

/** How the time of a line is told: of the day, or since the line before it. */
export type TimeStyle = 'clock' | 'delta'

/** What the log shows and how, kept while its panel is not on screen; how it is shown, also for the next time. */
export const useLogFilter = defineStore('log-filter', () => {
  const levels = shallowRef<ReadonlySet<LogLevel>>(new Set(logLevels))
  const instance = shallowRef<string>()
  const node = shallowRef<string>()
  const text = shallowRef('')
  const mode = shallowRef<LogMode>('filter')
  const context = shallowRef(0)
  const marks = shallowRef<readonly LogMark[]>([])
  const wraps = useLocalStorage('millrace.log.wraps', false)
  const timeStyle = useLocalStorage<TimeStyle>('millrace.log.time', 'clock')
  const saved = useLocalStorage<Record<string, string>>('millrace.log.searches', {})
  return {
    levels,
    instance,
    node,
    text,
    mode,
    context,
    marks,
    wraps,
    timeStyle,
    /** Searches that were kept, by their text. */
    saved,
    /** Switches a level on or off. */
    toggleLevel(level: LogLevel): void {
      const next = new Set(levels.value)
      if (!next.delete(level)) next.add(level)
      levels.value = next
    },
    /** Draws a line across the log after the line of this sequence. */
    mark(after: number): void {
      const label = `mark ${marks.value.length + 1}`
      marks.value = [...marks.value, { type: 'mark' as const, after, timeMs: Date.now(), label }].sort(
        (one, other) => one.after - other.after,
      )
    },
    /** Shows what one node wrote, and nothing else. */
    showNode(wantedInstance: string, wantedNode: string): void {
      instance.value = wantedInstance
      node.value = wantedNode
      text.value = ''
      mode.value = 'filter'
    },
  }
})
