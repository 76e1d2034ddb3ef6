import { refDebounced } from '@vueuse/core'
import { storeToRefs } from 'pinia'
import { computed, shallowRef, triggerRef, watch } from 'vue'
import type { LogEntry } from '../../shared/index.ts'
import { useStream } from '../connection/useStream.ts'
import { useLogFilter } from '../stores/useLogFilter.ts'
import { lineCapacity, LogBuffer } from '../view/log-buffer.ts'

/** The merged log of the lab, for as long as the panel that shows it is on screen. */
export function useLog() {
  const buffer = shallowRef(new LogBuffer())
  const filter = useLogFilter()
  const { levels, instance, text } = storeToRefs(filter)
  /** Lines that came before the older ones had been fetched. */
  let early: LogEntry[] | undefined = []

  const { notShown } = useStream<LogEntry>({
    title: 'The log',
    open: (client, signal) => {
      early = []
      return client.streams.logs({}, { signal })
    },
    async catchUp(client) {
      const recent = await client.logs.recent({ limit: lineCapacity })
      const newest = recent.at(-1)?.sequence ?? 0
      const known = buffer.value.lines.at(-1)?.sequence ?? 0
      // A lab that counts from the beginning again is another run of it.
      if (newest < known) buffer.value.clear()
      add([...recent, ...(early ?? []).filter(({ sequence }) => sequence > newest)])
      early = undefined
    },
    show: (items) => {
      if (early) early.push(...items)
      else add(items)
    },
  })

  function add(entries: readonly LogEntry[]): void {
    buffer.value.append(entries)
    triggerRef(buffer)
  }

  // A long log is not gone through for every key.
  const settledText = refDebounced(text, 120)
  watch(
    [levels, instance, settledText],
    () => {
      buffer.value.setFilter({
        levels: levels.value,
        text: settledText.value,
        ...(instance.value === undefined ? {} : { instance: instance.value }),
      })
      triggerRef(buffer)
    },
    { immediate: true },
  )

  return {
    levels,
    instance,
    text,
    notShown,
    shown: computed(() => buffer.value.shown),
    total: computed(() => buffer.value.lines.length),
    counts: computed(() => buffer.value.counts),
    toggleLevel: filter.toggleLevel,
    clear(): void {
      buffer.value.clear()
      triggerRef(buffer)
    },
  }
}
