import type { AddPanelPositionOptions, DockviewApi } from 'dockview-vue'
import { panelOf, type PanelId } from './panel.ts'

/** The layouts that come with the window. */
export const presets = {
  watch: { title: 'Watch', purpose: 'Everything at a glance: canvas, log and charts' },
  build: { title: 'Build', purpose: 'A large canvas, with details and problems at hand' },
  debug: { title: 'Debug', purpose: 'Messages, traces, dead letters and hot spots in front, details beside them' },
  present: { title: 'Present', purpose: 'Canvas and charts alone, in larger type, for an audience' },
} as const
export type PresetId = keyof typeof presets

/** Whether this names one of the layouts that come with the window. */
export function isPreset(name: string): name is PresetId {
  return Object.hasOwn(presets, name)
}

type Side = 'left' | 'right' | 'above' | 'below'
interface Place {
  group: readonly PanelId[]
  /** The panel beside which the group goes, or the edge of the whole dock; absent for the first one. */
  side?: Side
  of?: PanelId
  /** Its share of the dock's width or height. */
  share?: number
  /** It is not made narrower or wider than this many pixels. */
  between?: readonly [number, number]
}

const lower: readonly PanelId[] = ['log', 'messages', 'problems', 'dead-letters', 'links', 'hot-spots']
const places: Record<PresetId, readonly Place[]> = {
  watch: [
    { group: ['canvas', 'actors'] },
    { group: lower, side: 'below', of: 'canvas', share: 0.4 },
    { group: ['metrics', 'inspector'], side: 'right', of: 'log', share: 0.36 },
    { group: ['instances'], side: 'left', share: 0.2, between: [258, 330] },
  ],
  build: [
    { group: ['canvas', 'actors'] },
    { group: ['problems', 'log', 'dead-letters', 'hot-spots'], side: 'below', of: 'canvas', share: 0.26 },
    { group: ['inspector', 'instances', 'metrics'], side: 'right', share: 0.24, between: [270, 380] },
  ],
  debug: [
    { group: ['canvas', 'actors'] },
    { group: ['messages', 'trace', 'log', 'dead-letters', 'problems'], side: 'below', of: 'canvas', share: 0.5 },
    { group: ['hot-spots', 'links', 'metrics'], side: 'right', of: 'messages', share: 0.22 },
    { group: ['inspector', 'instances'], side: 'right', share: 0.24, between: [270, 380] },
  ],
  present: [{ group: ['canvas'] }, { group: ['metrics'], side: 'below', of: 'canvas', share: 0.34 }],
}

/** Replaces whatever the dock shows by one of our layouts. */
export function applyPreset(api: DockviewApi, preset: PresetId): void {
  api.clear()
  for (const place of places[preset]) addGroup(api, place)
  // A group that came later has moved those before it; what stands at an edge leaves the rest to the others.
  const outermostFirst = places[preset].toSorted(
    (one, other) => Number(one.of !== undefined) - Number(other.of !== undefined),
  )
  for (const place of outermostFirst) setSize(api, place)
  api.getPanel('canvas')?.api.setActive()
}

function addGroup(api: DockviewApi, { group, side, of }: Place): void {
  const [first, ...others] = group
  if (!first) return
  const add = (id: PanelId, position?: AddPanelPositionOptions, inactive = false) =>
    api.addPanel({
      id,
      component: 'panel',
      title: panelOf(id)?.title ?? id,
      ...(position && { position }),
      ...(inactive && { inactive }),
    })
  if (side === undefined) add(first)
  else add(first, of === undefined ? { direction: side } : { direction: side, referencePanel: of })
  for (const id of others) add(id, { direction: 'within', referencePanel: first }, true)
}

function setSize(api: DockviewApi, { group, side, share, between = [0, Number.POSITIVE_INFINITY] }: Place): void {
  const panel = api.getPanel(group[0] ?? '')
  if (!panel || share === undefined) return
  const isAcross = side === 'left' || side === 'right'
  const size = Math.round(Math.min(between[1], Math.max(between[0], (isAcross ? api.width : api.height) * share)))
  panel.group.api.setSize(isAcross ? { width: size } : { height: size })
}
