import { Menu, type MenuItemConstructorOptions } from 'electron'

/** What the menu does beyond asking the page. */
export interface MenuCommands {
  /** Asks the page in front to do one of its actions. */
  act(id: string): void
  show(file: string): void
  forgetRecent(): void
  recent: readonly string[]
  samples: readonly { title: string; file: string }[]
}

type Item = MenuItemConstructorOptions

/** The panels and layouts by the numbers of their keys, as the page has them. */
const panels = ['canvas', 'instances', 'actors', 'links', 'metrics', 'messages', 'log', 'problems', 'hot-spots']
const titles: Record<string, string> = {
  'hot-spots': 'Hot Spots',
  'dead-letters': 'Dead Letters',
  inspector: 'Details',
}
const titleOf = (panel: string) => titles[panel] ?? panel.charAt(0).toUpperCase() + panel.slice(1)

/** Builds the native menu: what every program has by role, and the actions of the page with their keys. */
export function buildMenu(commands: MenuCommands): Menu {
  const isMac = process.platform === 'darwin'
  // The page handles its own keys; here they are shown. What the page has no key for is registered.
  const act = (label: string, id: string, accelerator?: string): Item => ({
    label,
    id,
    ...(accelerator !== undefined && { accelerator, registerAccelerator: false }),
    click: () => commands.act(id),
  })
  const template: Item[] = [
    ...(isMac ? [{ role: 'appMenu' as const }] : []),
    {
      label: '&Lab',
      submenu: [
        act('&Home', 'lab.home', 'CmdOrCtrl+Shift+H'),
        act('&Open …', 'lab.open', 'CmdOrCtrl+O'),
        { label: 'Open &Recent', submenu: recentItems(commands) },
        {
          label: 'Open a &Sample',
          submenu: commands.samples.map(({ title, file }): Item => ({
            label: title,
            click: () => commands.show(file),
          })),
        },
        { type: 'separator' },
        act('&Join a Peer …', 'lab.join'),
        { type: 'separator' },
        act('Start &All', 'lab.startAll', 'F5'),
        act('S&top All', 'lab.stopAll', 'Shift+F5'),
        { type: 'separator' },
        { role: 'close' },
        ...(isMac ? [] : [{ role: 'quit' as const }]),
      ],
    },
    { role: 'editMenu' },
    { label: '&Go', submenu: goItems(act) },
    {
      label: '&View',
      submenu: [
        ...['watch', 'build', 'debug', 'present'].map((name) =>
          act(`Layout ${titleOf(name)}`, `layout.${name}`, name === 'present' ? 'CmdOrCtrl+Shift+D' : undefined),
        ),
        { type: 'separator' },
        act('&System Theme', 'theme.system'),
        act('&Light Theme', 'theme.light'),
        act('&Dark Theme', 'theme.dark'),
        act('High &Contrast Theme', 'theme.contrast'),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        { type: 'separator' },
        { role: 'reload' },
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        act('&Tour', 'help.tour'),
        act('&Keyboard Shortcuts', 'help.shortcuts', 'Shift+/'),
        act('&About Millrace', 'help.about'),
      ],
    },
  ]
  return Menu.buildFromTemplate(template)
}

function goItems(act: (label: string, id: string, accelerator?: string) => Item): Item[] {
  return [
    act('&All Commands', 'help.commands', 'CmdOrCtrl+K'),
    { type: 'separator' },
    ...panels.map((panel, place) => act(titleOf(panel), `panel.${panel}`, `CmdOrCtrl+${place + 1}`)),
    act('Dead Letters', 'panel.dead-letters'),
    act('Trace', 'panel.trace', 'Shift+T'),
    act('Details', 'panel.inspector'),
    { type: 'separator' },
    act('Hide or Show the Lower Panels', 'panel.bottom', 'CmdOrCtrl+J'),
    act('Hide or Show the Details', 'panel.inspector.toggle', 'CmdOrCtrl+I'),
    act('Enlarge the Panel', 'panel.enlarge', 'Shift+Esc'),
    { type: 'separator' },
    act('Back', 'selection.back', 'Alt+Left'),
    act('Forward', 'selection.forward', 'Alt+Right'),
  ]
}

function recentItems({ recent, show, forgetRecent }: MenuCommands): Item[] {
  if (recent.length === 0) return [{ label: 'Nothing Opened Yet', enabled: false }]
  return [
    ...recent.map((file): Item => ({ label: file.replaceAll('&', '&&'), click: () => show(file) })),
    { type: 'separator' },
    { label: 'Forget These', click: () => forgetRecent() },
  ]
}
