import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { PanelId } from '../dock/panel.ts'
import { useDock } from '../dock/useDock.ts'

/** A step of the tour: what it points at, and what there is to know of it. */
export interface TourStep {
  title: string
  text: string
  /** Brought to the front first. */
  panel?: PanelId
  /** What is pointed at. */
  target: string
}

/** What a newcomer should see, in five steps. */
export const tourSteps: readonly TourStep[] = [
  {
    title: 'The network, live',
    text: 'Each frame is an instance, each box a node, each line a wire with its rate. Lines between frames are links to peers. Click a node to follow it in every panel.',
    panel: 'canvas',
    target: '[data-panel="canvas"]',
  },
  {
    title: 'Instances',
    text: 'Start, drain, stop, kill or restart each of them here. The menu with three dots pauses one, steps it message by message, or duplicates it.',
    panel: 'instances',
    target: '[data-panel="instances"]',
  },
  {
    title: 'Messages',
    text: 'What goes over the wires of whatever is selected. Pause the list without losing the count, hold messages at a breakpoint, send your own.',
    panel: 'messages',
    target: '[data-panel="messages"]',
  },
  {
    title: 'Charts',
    text: 'Rates, queues and times on one time axis. Drag to zoom, add charts of nodes, wires and links, set limits that alert you.',
    panel: 'metrics',
    target: '[data-panel="metrics"]',
  },
  {
    title: 'Everything by its name',
    text: 'Ctrl+K (⌘K) finds every node, panel and command; ? lists the keys. Home has more samples, and this tour once more.',
    target: '.find',
  },
]

/** The tour: where it stands, and whether a newcomer has been greeted. */
export const useTour = defineStore('tour', () => {
  const dock = useDock()
  const place = shallowRef<number>()
  const isWelcomed = useLocalStorage('millrace.welcomed', false)

  function go(next: number): void {
    const step = tourSteps[next]
    place.value = step ? next : undefined
    if (step?.panel) dock.show(step.panel, { focus: false })
  }

  return {
    isWelcomed,
    place,
    step: computed(() => (place.value === undefined ? undefined : tourSteps[place.value])),
    begin(): void {
      isWelcomed.value = true
      go(0)
    },
    next: () => go((place.value ?? 0) + 1),
    back: () => go(Math.max(0, (place.value ?? 0) - 1)),
    end: () => (place.value = undefined),
    welcome: () => (isWelcomed.value = true),
  }
})
