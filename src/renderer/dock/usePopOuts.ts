import { tryOnScopeDispose, useEventListener, useSessionStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { watch } from 'vue'
import { useSelection } from '../stores/useSelection.ts'
import { useToasts } from '../stores/useToasts.ts'
import type { Selected } from '../view/selected.ts'
import { panelOf, type PanelId } from './panel.ts'
import { popOutHere, searchOf } from './pop-out.ts'
import { useDock } from './useDock.ts'

/** What a window and those taken out of it tell each other, as JSON: what is selected, and which panel stands alone now. */
type Word =
  | { type: 'selected'; selected: Selected | null }
  | { type: 'opened'; panel: PanelId }
  | { type: 'closed'; panel: PanelId }

/**
 * Panels in windows of their own, for a second screen. Each is a page like this one with its own connection to the lab. It shares the
 * selection with the window that it was taken out of, and gives the panel back when it is closed.
 */
export const usePopOuts = defineStore('pop-outs', () => {
  const selection = useSelection()
  const dock = useDock()
  const toasts = useToasts()
  // Kept in the session, so that pop-outs find their window again after it was loaded anew.
  const name = useSessionStorage('millrace.window', () => Math.random().toString(36).slice(2))
  const channel = new BroadcastChannel(`millrace window ${popOutHere?.from ?? name.value}`)
  const tell = (word: Word) => channel.postMessage(JSON.stringify(word))
  /** The selection that both sides know of, as JSON. */
  let shared = ''

  function tellSelection(): void {
    const selected = selection.selected ?? null
    shared = JSON.stringify(selected)
    tell({ type: 'selected', selected })
  }

  channel.addEventListener('message', ({ data }) => {
    // Only pages of our own origin can speak here, and only they know the name.
    const word = JSON.parse(String(data)) as Word
    if (word.type === 'selected') {
      shared = JSON.stringify(word.selected)
      selection.select(word.selected ?? undefined)
    } else if (popOutHere) {
      // Another pop-out came or went, which is the whole window's business.
    } else if (word.type === 'opened') {
      if (!dock.isAlone(word.panel)) dock.close(word.panel)
      tellSelection()
    } else {
      dock.show(word.panel, { focus: false })
    }
  })
  watch(
    () => JSON.stringify(selection.selected ?? null),
    (now) => now !== shared && tellSelection(),
  )
  if (popOutHere) {
    const { panel } = popOutHere
    tell({ type: 'opened', panel })
    useEventListener(window, 'pagehide', () => tell({ type: 'closed', panel }))
  }
  tryOnScopeDispose(() => channel.close())

  return {
    /** Shows a panel in a window of its own; one that has it already comes to the front. */
    open(panel: PanelId): void {
      const opened = window.open(
        `${window.location.pathname}${searchOf({ panel, from: name.value })}`,
        `millrace-${name.value}-${panel}`,
        'popup,width=900,height=640',
      )
      // The desktop opens it itself, and so answers nothing here.
      if (opened || window.millrace) return opened?.focus()
      toasts.show({
        tone: 'error',
        title: `${panelOf(panel)?.title ?? 'The panel'} stays here`,
        text: 'The browser did not let this page open a window: allow it pop-ups, and try again.',
      })
    },
  }
})
