import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { Lab } from '../lab/index.ts'

/** Builds the native menu: what every program has by role, and the verbs of the lab in front. */
export function buildMenu(labInFront: () => Lab | undefined): Menu {
  const isMac = process.platform === 'darwin'
  const ask = (verb: (lab: Lab) => Promise<void>) => () => {
    const lab = labInFront()
    // The window shows what failed: the instance's state and the log carry the reason.
    if (lab)
      verb(lab).catch((error: unknown) => lab.log('error', error instanceof Error ? error.message : String(error)))
  }
  const template: MenuItemConstructorOptions[] = [
    ...(isMac ? [{ role: 'appMenu' as const }] : []),
    {
      label: '&Lab',
      submenu: [
        { label: '&Start All', click: ask((lab) => lab.startAll()) },
        { label: 'S&top All', click: ask((lab) => lab.stopAll()) },
        { type: 'separator' },
        { role: 'close' },
        ...(isMac ? [] : [{ role: 'quit' as const }]),
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
