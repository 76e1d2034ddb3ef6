import {
  Activity,
  CircleAlert,
  Gauge,
  Info,
  MailX,
  Mails,
  Network,
  ScrollText,
  Server,
  Table2,
  Waypoints,
  Workflow,
} from '@lucide/vue'
import type { Component } from 'vue'

/** A panel that the dock can show. */
export interface Panel {
  id: PanelId
  title: string
  /** What it is for, as a tooltip and in the palette. */
  purpose: string
  icon: Component
  /** Where it opens when the layout does not have it: as a tab beside the first of these that is there. */
  beside: readonly PanelId[]
}

export const panelIds = [
  'canvas',
  'instances',
  'actors',
  'links',
  'metrics',
  'messages',
  'log',
  'problems',
  'hot-spots',
  'dead-letters',
  'trace',
  'inspector',
] as const
export type PanelId = (typeof panelIds)[number]

const lower = ['log', 'messages', 'problems', 'dead-letters', 'links', 'hot-spots', 'trace', 'metrics'] as const

/** Every panel, in the order of the rail. */
export const panels: readonly Panel[] = [
  {
    id: 'canvas',
    title: 'Canvas',
    purpose: 'Instances, nodes and wires, live',
    icon: Workflow,
    beside: ['actors', 'metrics'],
  },
  {
    id: 'instances',
    title: 'Instances',
    purpose: 'Start, stop and watch each instance',
    icon: Server,
    beside: ['actors', 'inspector'],
  },
  {
    id: 'actors',
    title: 'Actors',
    purpose: 'Every node as a table: the canvas without a mouse',
    icon: Table2,
    beside: lower,
  },
  {
    id: 'links',
    title: 'Links',
    purpose: 'Peers and the links to them',
    icon: Network,
    beside: lower,
  },
  {
    id: 'metrics',
    title: 'Metrics',
    purpose: 'Charts of rates, queues, times and figures of your own',
    icon: Activity,
    beside: ['inspector', ...lower],
  },
  {
    id: 'messages',
    title: 'Messages',
    purpose: 'What goes over the wires of what is selected',
    icon: Mails,
    beside: lower,
  },
  {
    id: 'log',
    title: 'Log',
    purpose: 'The merged log of all instances',
    icon: ScrollText,
    beside: lower,
  },
  {
    id: 'problems',
    title: 'Problems',
    purpose: 'Everything that is wrong now',
    icon: CircleAlert,
    beside: lower,
  },
  {
    id: 'hot-spots',
    title: 'Hot spots',
    purpose: 'The most blocked, busiest, deepest and noisiest',
    icon: Gauge,
    beside: lower,
  },
  {
    id: 'dead-letters',
    title: 'Dead letters',
    purpose: 'Messages that could not be delivered or processed',
    icon: MailX,
    beside: lower,
  },
  {
    id: 'trace',
    title: 'Trace',
    purpose: 'The way of one message through nodes and instances',
    icon: Waypoints,
    beside: lower,
  },
  {
    id: 'inspector',
    title: 'Details',
    purpose: 'Everything about what is selected',
    icon: Info,
    beside: ['metrics', 'instances'],
  },
]

/** The panel of this name, if it is one of ours: layouts come from storage. */
export function panelOf(id: string): Panel | undefined {
  return panels.find((panel) => panel.id === id)
}
