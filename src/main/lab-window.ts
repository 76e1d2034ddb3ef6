import { BrowserWindow, MessageChannelMain, nativeTheme, screen, session } from 'electron'
import { acceptContractPort, type Lab } from '../lab/index.ts'
import { appOrigin, serveWindow } from './app-scheme.ts'
import { lockDownSession, showsOwnPage } from './lock-down.ts'
import type { BoundsFile } from './window-bounds.ts'

/** The page's own background, so that a window never flashes in the other theme. */
const background = { dark: '#0f151a', light: '#e9edf1' }

/** The channel by which the preload script is handed the contract's port. */
const contractChannel = 'millrace-contract'

/** Opens a window on a lab. It shows itself once there is something to see. */
export function openLabWindow(
  lab: Lab,
  { preloadFile, rendererDir, bounds }: { preloadFile: string; rendererDir: string; bounds: BoundsFile },
): BrowserWindow {
  // Kept on disk: layouts, filters and the theme are found as they were left.
  const own = session.fromPartition('persist:millrace')
  lockDownSession(own)
  if (!own.protocol.isProtocolHandled('app')) serveWindow(own, rendererDir)
  const left = bounds.read(screen.getAllDisplays().map(({ workArea }) => workArea))
  const place = left && { x: left.x, y: left.y, width: left.width, height: left.height }
  const window = new BrowserWindow({
    width: 1_280,
    height: 800,
    // A second window would cover the first one exactly.
    ...(BrowserWindow.getAllWindows().length === 0 && place),
    minWidth: 720,
    minHeight: 480,
    show: false,
    title: `${lab.describe().name} – Millrace`,
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
  window.on('close', () => rememberBounds(window, bounds))
  window.webContents.on('did-finish-load', () => handOverContract(lab, window))
  void window.loadURL(`${appOrigin}/index.html`)
  return window
}

function rememberBounds(window: BrowserWindow, bounds: BoundsFile): void {
  try {
    bounds.write({ ...window.getNormalBounds(), isMaximised: window.isMaximized() })
  } catch (error) {
    // A window that opens elsewhere next time is no reason not to close.
    process.stderr.write(`millrace: the place of the window cannot be kept: ${String(error)}\n`)
  }
}

/** Gives the page that has just been loaded its own port to the lab. */
function handOverContract(lab: Lab, { webContents }: BrowserWindow): void {
  if (!showsOwnPage(webContents)) return
  const { port1, port2 } = new MessageChannelMain()
  acceptContractPort(lab, port1)
  port1.start()
  webContents.postMessage(contractChannel, null, [port2])
}
