import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { Lab } from '../lab/index.ts'

/** Builds the native menu: what every program has by role, and the lab's own verbs. */
export function buildMenu(lab: Lab): Menu {
  const isMac = process.platform === 'darwin'
  // What fails is shown by the window: the instance's state and the log carry the reason.
  const attempt = (work: () => Promise<void>) => () =>
    void work().catch((error: unknown) => lab.log('error', String(error)))
  const template: MenuItemConstructorOptions[] = [
    ...(isMac ? [{ role: 'appMenu' as const }] : []),
    {
      label: '&Lab',
      submenu: [
        { label: '&Start All', accelerator: 'CmdOrCtrl+Return', click: attempt(() => lab.startAll()) },
        { label: 'S&top All', accelerator: 'CmdOrCtrl+.', click: attempt(() => lab.stopAll()) },
        { type: 'separator' },
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        { role: 'toggleDevTools' },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
  ]
  return Menu.buildFromTemplate(template)
}
