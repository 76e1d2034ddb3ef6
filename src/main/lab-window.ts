import { BrowserWindow, MessageChannelMain, nativeTheme, session } from 'electron'
import { acceptContractPort, type Lab } from '../lab/index.ts'
import { appOrigin, serveWindow } from './app-scheme.ts'
import { lockDownSession, showsOwnPage } from './lock-down.ts'

/** The page's own background, so that a window never flashes in the other theme. */
const background = { dark: '#0f151a', light: '#e9edf1' }

/** The channel by which the preload script is handed the contract's port. */
const contractChannel = 'millrace-contract'

/** Opens a window on a lab. It shows itself once there is something to see. */
export function openLabWindow(lab: Lab, files: { preloadFile: string; rendererDir: string }): BrowserWindow {
  // Kept on disk: layouts, filters and the theme are found as they were left.
  const own = session.fromPartition('persist:millrace')
  lockDownSession(own)
  if (!own.protocol.isProtocolHandled('app')) serveWindow(own, files.rendererDir)
  const window = new BrowserWindow({
    width: 1_280,
    height: 800,
    minWidth: 720,
    minHeight: 480,
    show: false,
    title: `${lab.describe().name} – Millrace`,
    backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
    webPreferences: {
      preload: files.preloadFile,
      session: own,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => window.show())
  window.webContents.on('did-finish-load', () => handOverContract(lab, window))
  void window.loadURL(`${appOrigin}/index.html`)
  return window
}

/** Gives the page that has just been loaded its own port to the lab. */
function handOverContract(lab: Lab, { webContents }: BrowserWindow): void {
  if (!showsOwnPage(webContents)) return
  const { port1, port2 } = new MessageChannelMain()
  acceptContractPort(lab, port1)
  port1.start()
  webContents.postMessage(contractChannel, null, [port2])
}
