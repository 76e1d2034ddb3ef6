import { panelOf, type PanelId } from './panel.ts'

/** What a window shows that was taken out of another: one panel, and by which name the two speak to each other. */
export interface PopOut {
  panel: PanelId
  /** The name of the window that it was taken out of. */
  from: string
}

/** Reads it from the search part of a page's address; undefined for a whole window. */
export function popOutOf(search: string): PopOut | undefined {
  const parameters = new URLSearchParams(search)
  const panel = panelOf(parameters.get('panel') ?? '')
  return panel && { panel: panel.id, from: parameters.get('from') ?? '' }
}

/** The search part of the address that shows it, and nothing else of the address. */
export function searchOf({ panel, from }: PopOut): string {
  return `?${new URLSearchParams({ panel, from })}`
}

/** What this page shows alone; undefined in a whole window. */
export const popOutHere = popOutOf(window.location.search)
