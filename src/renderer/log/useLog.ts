import { refDebounced } from '@vueuse/core'
import { storeToRefs } from 'pinia'
import { computed, onScopeDispose, shallowRef, triggerRef, watch } from 'vue'
import type { LogEntry } from '../../shared/index.ts'
import { useStream } from '../connection/useStream.ts'
import { useLogFilter } from '../stores/useLogFilter.ts'
import { lineCapacity, LogBuffer } from '../view/log-buffer.ts'
import { faultOf, parseSearch } from '../view/log-filter.ts'
import { PatternSearch, startPatternThread, type PatternState } from './PatternSearch.ts'

/** The merged log of the lab, for as long as the panel that shows it is on screen. */
export function useLog() {
  const buffer = shallowRef(new LogBuffer())
  const filter = useLogFilter()
  const { levels, instance, node, text, mode, context } = storeToRefs(filter)
  const patternState = shallowRef<PatternState>('done')
  const patterns = new PatternSearch(
    startPatternThread,
    () => buffer.value.lines,
    (state) => {
      const hasJustBegun = state === 'searching' && patternState.value !== 'searching'
      patternState.value = state
      // What was shown stays until something is known: to go through all lines for nothing takes as long as the search.
      if (!hasJustBegun) show()
    },
  )
  onScopeDispose(() => patterns.stop())
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
      if (newest < known) forget()
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
    patterns.more()
    triggerRef(buffer)
  }

  function forget(): void {
    buffer.value.clear()
    patterns.forget()
  }

  // A long log is not gone through for every key.
  const settledText = refDebounced(text, 50)
  const search = computed(() => parseSearch(settledText.value))
  const fault = computed(() => search.value.patterns.map(faultOf).find((one) => one !== undefined))

  function show(): void {
    const hasPatterns = search.value.patterns.length > 0 && fault.value === undefined
    buffer.value.setView({
      mode: mode.value,
      context: context.value,
      filter: {
        levels: levels.value,
        text: settledText.value,
        ...(instance.value === undefined ? {} : { instance: instance.value }),
        ...(node.value === undefined ? {} : { node: node.value }),
      },
      ...(hasPatterns ? { passesPatterns: patterns.passes } : {}),
    })
    triggerRef(buffer)
  }

  watch(
    () => (fault.value === undefined ? JSON.stringify(search.value.patterns) : ''),
    () => {
      patternState.value = 'done'
      patterns.search(fault.value === undefined ? search.value.patterns : [])
    },
    { immediate: true },
  )
  const showKnown = () => patternState.value !== 'searching' && show()
  watch([levels, instance, node, settledText, mode, context], showKnown, { immediate: true })

  return {
    levels,
    instance,
    node,
    text,
    mode,
    context,
    notShown,
    shown: computed(() => buffer.value.shown),
    lines: computed(() => buffer.value.lines),
    hits: computed(() => buffer.value.hits),
    /** The words to be highlighted. */
    words: computed(() => search.value.wanted),
    total: computed(() => buffer.value.lines.length),
    counts: computed(() => buffer.value.counts),
    /** What is wrong with a regular expression, or how far its search is. */
    patternNote: computed(() => {
      if (fault.value !== undefined) return `not an expression: ${fault.value}`
      if (patternState.value === 'too slow') return 'this expression takes too long; it was given up'
      return patternState.value === 'searching' ? 'searching …' : undefined
    }),
    toggleLevel: filter.toggleLevel,
    clear(): void {
      forget()
      filter.marks = []
      triggerRef(buffer)
    },
  }
}
