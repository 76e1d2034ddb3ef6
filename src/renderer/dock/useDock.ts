import { useEventListener, useLocalStorage } from '@vueuse/core'
import type { DockviewApi, SerializedDockview } from 'dockview-vue'
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { useLab } from '../stores/useLab.ts'
import { panelOf, type PanelId } from './panel.ts'
import { popOutHere } from './pop-out.ts'
import { applyPreset, isPreset, presets, type PresetId } from './presets.ts'

/** A layout as it is kept: which one it began as, and what became of it. */
interface KeptLayout {
  name: string
  dock: SerializedDockview
}

/** What stands below the canvas, in the order in which it is looked for. */
const bottomPanels: readonly PanelId[] = ['log', 'problems', 'dead-letters', 'hot-spots', 'links']
const saveDelayMs = 400

/** The dock: which panels are where. Kept per lab, so that each is found as it was left. */
export const useDock = defineStore('dock', () => {
  const lab = useLab()
  const api = shallowRef<DockviewApi>()
  const preset = shallowRef<PresetId>('watch')
  const present = shallowRef<ReadonlySet<string>>(new Set())
  const visible = shallowRef<ReadonlySet<string>>(new Set())
  const named = useLocalStorage<Record<string, KeptLayout>>('millrace.layouts', {})
  const layoutName = shallowRef<string>('watch')
  const key = computed(() => `millrace.layout ${lab.lab?.file ?? ''}`)
  /** Gives each group its share of the dock again, as it was before one was made as large as the dock. */
  let shares: (() => void) | undefined
  let saving: ReturnType<typeof setTimeout> | undefined

  /** Takes over the dock once it is there, and shows what this lab was left with. */
  function attach(dock: DockviewApi): () => void {
    api.value = dock
    restore()
    noteVisible()
    requestAnimationFrame(bringTabsIntoView)
    const stops = [
      dock.onDidLayoutChange(() => {
        noteVisible()
        if (popOutHere && dock.panels.length === 0) window.close()
        clearTimeout(saving)
        saving = setTimeout(save, saveDelayMs)
      }),
      dock.onDidActivePanelChange(noteVisible),
    ]
    return () => {
      for (const stop of stops) stop.dispose()
      clearTimeout(saving)
      api.value = undefined
    }
  }

  function noteVisible(): void {
    const all = api.value?.panels ?? []
    present.value = new Set(all.map(({ id }) => id))
    visible.value = new Set(all.filter((panel) => panel.api.isVisible).map(({ id }) => id))
  }

  function restore(): void {
    if (popOutHere) return show(popOutHere.panel)
    const kept = readLayout(localStorage.getItem(key.value))
    if (!kept || !load(kept)) usePreset('watch')
  }

  /** Shows a kept layout; false when it is not one of this version. */
  function load(kept: KeptLayout): boolean {
    const dock = api.value
    if (!dock || !Object.keys(kept.dock.panels).every((id) => panelOf(id))) return false
    try {
      dock.fromJSON(kept.dock)
    } catch {
      // A layout of another version, or one that was tampered with: the caller shows another.
      return false
    }
    layoutName.value = kept.name
    preset.value = isPreset(kept.name) ? kept.name : 'watch'
    return true
  }

  function save(): void {
    if (!api.value || api.value.panels.length === 0 || popOutHere) return
    localStorage.setItem(key.value, JSON.stringify({ name: layoutName.value, dock: api.value.toJSON() }))
  }

  function usePreset(next: PresetId): void {
    if (!api.value) return
    preset.value = next
    layoutName.value = next
    applyPreset(api.value, next)
    save()
  }

  /** Brings a panel to the front, opening it where it belongs if the layout does not have it. */
  function show(id: PanelId, { focus = true }: { focus?: boolean } = {}): void {
    const dock = api.value
    const panel = panelOf(id)
    if (!dock || !panel) return
    const open = dock.getPanel(id)
    if (open) {
      open.group.api.setVisible(true)
      open.api.setActive()
    } else {
      const neighbour = panel.beside.find((other) => dock.getPanel(other)) ?? (popOutHere && dock.activePanel?.id)
      dock.addPanel({
        id,
        component: 'panel',
        title: panel.title,
        ...(neighbour === undefined
          ? { position: { direction: 'right' as const } }
          : { position: { direction: 'within' as const, referencePanel: neighbour } }),
      })
      dock.getPanel(neighbour ?? id)?.group.api.setVisible(true)
    }
    noteVisible()
    requestAnimationFrame(() => {
      bringTabsIntoView()
      if (focus) focusPanel(id)
    })
  }

  /** Hides the group of a panel, or shows it again. */
  function toggleGroup(wanted: readonly PanelId[]): void {
    const dock = api.value
    const found = wanted.find((id) => dock?.getPanel(id))
    const group = found === undefined ? undefined : dock?.getPanel(found)?.group
    if (!group) return show(wanted[0] ?? 'log')
    group.api.setVisible(!group.api.isVisible)
    noteVisible()
  }

  // Leaving right after a change must not lose it.
  useEventListener(window, 'pagehide', save)
  // The lab is known a moment after the window; its own layout comes then.
  watch(key, () => api.value && restore())

  return {
    attach,
    preset,
    layoutName,
    usePreset,
    show,
    isShown: (id: PanelId) => visible.value.has(id),
    isOpen: (id: PanelId) => present.value.has(id),
    /** Whether the dock shows this panel and no other. */
    isAlone: (id: PanelId) => present.value.has(id) && present.value.size === 1,
    /** Whether two panels are tabs of the same group. */
    sharesGroup(one: PanelId, other: PanelId): boolean {
      const group = api.value?.getPanel(one)?.group
      return group !== undefined && group === api.value?.getPanel(other)?.group
    },
    close: (id: PanelId) => api.value?.getPanel(id)?.api.close(),
    closeActive(): void {
      api.value?.activePanel?.api.close()
      if (api.value?.activePanel) focusPanel(api.value.activePanel.id)
    },
    /** The panel that was used last. */
    activePanel: () => api.value?.activePanel?.id,
    toggleBottom: () => toggleGroup(bottomPanels),
    toggleInspector: () => (visible.value.has('inspector') ? toggleGroup(['inspector']) : show('inspector')),
    /** Makes the group of a panel as large as the dock, or all as they were. */
    toggleMaximum(id: string | undefined): void {
      const dock = api.value
      const panel = id === undefined ? dock?.activePanel : dock?.getPanel(id)
      if (dock?.hasMaximizedGroup()) {
        dock.exitMaximizedGroup()
        shares?.()
        shares = undefined
      } else if (dock && panel) {
        shares = sharesOf(dock)
        dock.maximizeGroup(panel)
      }
    },
    /** Puts the panel in use among the tabs of the next group; alone in the dock, nothing happens. */
    moveToNextGroup(): void {
      const panel = api.value?.activePanel
      const groups = api.value?.groups.filter((group) => group.api.isVisible) ?? []
      const next = groups[(groups.findIndex((group) => group === panel?.group) + 1) % Math.max(1, groups.length)]
      if (!panel || !next || next === panel.group) return
      panel.api.moveTo({ group: next })
      panel.api.setActive()
      focusPanel(panel.id)
    },
    /** Makes the group in use this much wider and higher, in pixels; its neighbours give or take the room. */
    resizeGroup({ width = 0, height = 0 }: { width?: number; height?: number }): void {
      const group = api.value?.activeGroup
      group?.api.setSize({
        ...(width !== 0 && { width: group.api.width + width }),
        ...(height !== 0 && { height: group.api.height + height }),
      })
    },
    /** Moves the keyboard to the next group of panels. */
    focusNextGroup(step: 1 | -1): void {
      const groups = api.value?.groups.filter((group) => group.api.isVisible) ?? []
      const place = groups.findIndex((group) => group === api.value?.activeGroup)
      const next = groups[(place + step + groups.length) % Math.max(1, groups.length)]
      next?.activePanel?.api.setActive()
      if (next?.activePanel) focusPanel(next.activePanel.id)
    },
    /** Layouts that were kept under a name of their own. */
    named: computed(() => Object.keys(named.value).sort()),
    keepAs(name: string): void {
      if (!api.value) return
      layoutName.value = name
      named.value = { ...named.value, [name]: { name, dock: api.value.toJSON() } }
      save()
    },
    useNamed(name: string): void {
      const kept = named.value[name]
      if (kept && load({ ...kept, name })) save()
    },
    forget(name: string): void {
      named.value = Object.fromEntries(Object.entries(named.value).filter(([other]) => other !== name))
    },
    title: computed(() => (isPreset(layoutName.value) ? presets[layoutName.value].title : layoutName.value)),
  }
})

/** Dockview keeps the pixels of what it hides, not its share: a window that was resized meanwhile would come back lopsided. */
function sharesOf(dock: DockviewApi): () => void {
  const [width, height] = [dock.width, dock.height]
  const kept = dock.groups
    .filter((group) => group.api.isVisible)
    .map((group) => ({ group, wide: group.api.width / width, high: group.api.height / height }))
  return () => {
    if (dock.width === width && dock.height === height) return
    for (const { group, wide, high } of kept)
      group.api.setSize({ width: Math.round(wide * dock.width), height: Math.round(high * dock.height) })
  }
}

/** A tab that was just made, or whose badge came later, may stand beyond the end of its row: then nothing says which panel is in front. */
function bringTabsIntoView(): void {
  for (const tab of document.querySelectorAll('.dv-tab.dv-active-tab'))
    tab.scrollIntoView({ block: 'nearest', inline: 'nearest' })
}

function focusPanel(id: string): void {
  document.querySelector<HTMLElement>(`[data-panel="${id}"]`)?.focus({ preventScroll: true })
}

function readLayout(text: string | null): KeptLayout | undefined {
  if (text === null) return undefined
  try {
    const kept: unknown = JSON.parse(text)
    const isKept =
      typeof kept === 'object' && kept !== null && 'name' in kept && typeof kept.name === 'string' && 'dock' in kept
    return isKept ? (kept as KeptLayout) : undefined
  } catch {
    return undefined
  }
}
