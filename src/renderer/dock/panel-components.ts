import { defineAsyncComponent, type Component } from 'vue'
import type { PanelId } from './panel.ts'

/** What each panel shows; fetched when it is first on screen. */
export const panelComponents: Record<PanelId, Component> = {
  canvas: defineAsyncComponent(() => import('../topology/TopologyView.vue')),
  instances: defineAsyncComponent(() => import('../instances/InstanceList.vue')),
  actors: defineAsyncComponent(() => import('../actors-table/ActorsTable.vue')),
  links: defineAsyncComponent(() => import('../links/LinksTable.vue')),
  metrics: defineAsyncComponent(() => import('../charts/ChartsPanel.vue')),
  messages: defineAsyncComponent(() => import('../messages/MessagesPanel.vue')),
  log: defineAsyncComponent(() => import('../log/LogPanel.vue')),
  problems: defineAsyncComponent(() => import('../problems/ProblemsPanel.vue')),
  'hot-spots': defineAsyncComponent(() => import('../hot-spots/HotSpotsPanel.vue')),
  'dead-letters': defineAsyncComponent(() => import('../dead-letters/DeadLetterTable.vue')),
  inspector: defineAsyncComponent(() => import('../inspector/InspectorPanel.vue')),
}
