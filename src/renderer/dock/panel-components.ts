import { defineAsyncComponent, type Component } from 'vue'
import type { PanelId } from './panel.ts'

// What a window begins with nearly always; asked for at once, it comes while the lab is still being found.
const canvas = () => import('../topology/TopologyView.vue')
const instances = () => import('../instances/InstanceList.vue')

/** Fetches what the first screen shows before it is known where. What fails is fetched again, and reported, by who shows it. */
export function fetchFirstPanels(): void {
  for (const fetchPanel of [canvas, instances]) void fetchPanel().catch(() => undefined)
}

/** Resolves when the window has nothing better to do, or has had enough time for it. */
const whenIdle = () => new Promise<void>((resolve) => requestIdleCallback(() => resolve(), { timeout: 600 }))

/** What each panel shows; fetched when it is first on screen. */
export const panelComponents: Record<PanelId, Component> = {
  canvas: defineAsyncComponent(canvas),
  instances: defineAsyncComponent(instances),
  actors: defineAsyncComponent(() => import('../actors-table/ActorsTable.vue')),
  links: defineAsyncComponent(() => import('../links/LinksTable.vue')),
  // Half a megabyte of charts, which has nothing to draw before there are two figures: the canvas and the keys go first.
  metrics: defineAsyncComponent(() => whenIdle().then(() => import('../charts/ChartsPanel.vue'))),
  messages: defineAsyncComponent(() => import('../messages/MessagesPanel.vue')),
  log: defineAsyncComponent(() => import('../log/LogPanel.vue')),
  problems: defineAsyncComponent(() => import('../problems/ProblemsPanel.vue')),
  'hot-spots': defineAsyncComponent(() => import('../hot-spots/HotSpotsPanel.vue')),
  'dead-letters': defineAsyncComponent(() => import('../dead-letters/DeadLetterTable.vue')),
  trace: defineAsyncComponent(() => import('../trace/TracePanel.vue')),
  inspector: defineAsyncComponent(() => import('../inspector/InspectorPanel.vue')),
}
