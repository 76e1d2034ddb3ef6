import type { BrowserWindow } from 'electron'
import { panelOfPopOut } from './lock-down.ts'
import type { PageWindow } from './page-window.ts'

/**
 * The panels that were taken out of a lab's window into windows of their own. The page asks for one by `window.open`, which opens nothing
 * by itself: the window is made here, like every other, and closes with the one that it came from.
 */
export function allowPopOuts(main: BrowserWindow, openPage: (search: string) => PageWindow): PopOuts {
  const open = new Map<string, BrowserWindow>()
  main.webContents.setWindowOpenHandler(({ url }) => {
    const panel = panelOfPopOut(url)
    if (panel === undefined) return { action: 'deny' }
    const present = open.get(panel)
    if (present) present.focus()
    else {
      const { window } = openPage(new URL(url).search)
      open.set(panel, window)
      window.on('closed', () => open.delete(panel))
    }
    return { action: 'deny' }
  })
  main.on('closed', () => {
    for (const window of open.values()) window.close()
  })
  return { isFocused: () => [...open.values()].some((window) => window.isFocused()) }
}

/** The pop-outs of one window. */
export interface PopOuts {
  /** Whether one of them has the keyboard. */
  isFocused(): boolean
}
