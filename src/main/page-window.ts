import { BrowserWindow, nativeTheme, screen, session } from 'electron'
import { appOrigin, serveWindow } from './app-scheme.ts'
import { lockDownSession } from './lock-down.ts'
import { PageHead } from './page-head.ts'
import type { BoundsFile } from './window-bounds.ts'

/** The page's own background, so that a window never flashes in the other theme. */
const background = { dark: '#0f151a', light: '#e9edf1' }

/** What a window is made of. */
export interface PageFiles {
  preloadFile: string
  rendererDir: string
}

/** A window, and when its page listens for the first time: its script has run, though not all of its pictures are there. */
export interface PageWindow {
  window: BrowserWindow
  loaded: Promise<void>
  /** When its page needs this thread no more for a while: its scripts have been served, or it is past that. */
  served: Promise<void>
}

/**
 * Opens a window with our page, which waits for a lab. It needs nothing of the lab, so the first one is there and loads while the rest
 * of the program is still being read. It shows itself once there is something to see. With a search part, the page is a single panel.
 */
export function openPageWindow(
  { preloadFile, rendererDir }: PageFiles,
  bounds: BoundsFile,
  { search = '' }: { search?: string } = {},
): PageWindow {
  // Kept on disk: layouts, filters and the theme are found as they were left.
  const own = session.fromPartition('persist:millrace')
  lockDownSession(own)
  const head = new PageHead()
  if (!own.protocol.isProtocolHandled('app')) serveWindow(own, rendererDir, head)
  const left = bounds.read(screen.getAllDisplays().map(({ workArea }) => workArea))
  const place = left && { x: left.x, y: left.y, width: left.width, height: left.height }
  const window = new BrowserWindow({
    ...(search === '' ? { width: 1_280, height: 800 } : { width: 900, height: 640 }),
    // A second window would cover the first one exactly.
    ...(BrowserWindow.getAllWindows().length === 0 && place),
    minWidth: search === '' ? 720 : 360,
    minHeight: search === '' ? 480 : 240,
    show: false,
    title: 'Millrace',
    backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
    webPreferences: {
      preload: preloadFile,
      session: own,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  if (left?.isMaximised && BrowserWindow.getAllWindows().length === 1) window.maximize()
  window.once('ready-to-show', () => window.show())
  const loaded = new Promise<void>((resolve) => window.webContents.once('dom-ready', () => resolve()))
  void window.loadURL(`${appOrigin}/index.html${search}`)
  const gone = new Promise<void>((resolve) => {
    window.webContents.once('did-fail-load', () => resolve())
    window.once('closed', () => resolve())
  })
  return { window, loaded, served: Promise.race([head.served, loaded, gone]) }
}
