import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { logLevels, type LogLevel } from '../../shared/index.ts'

/** What the log shows, kept while its panel is not on screen. */
export const useLogFilter = defineStore('log-filter', () => {
  const levels = shallowRef<ReadonlySet<LogLevel>>(new Set(logLevels))
  const instance = shallowRef<string>()
  const text = shallowRef('')
  return {
    levels,
    instance,
    text,
    /** Switches a level on or off. */
    toggleLevel(level: LogLevel): void {
      const next = new Set(levels.value)
      if (!next.delete(level)) next.add(level)
      levels.value = next
    },
  }
})
