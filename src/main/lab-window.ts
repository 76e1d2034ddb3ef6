import { MessageChannelMain, type BrowserWindow } from 'electron'
import { acceptContractPort, writeTextFile, type Lab } from '../lab/index.ts'
import { showsOwnPage } from './lock-down.ts'
import { careForPage } from './page-care.ts'
import type { PageWindow } from './page-window.ts'
import type { BoundsFile } from './window-bounds.ts'

/** The channel by which the preload script is handed the contract's port. */
const contractChannel = 'millrace-contract'

/** Gives a window its lab, now or as soon as its page is there, and again whenever that is loaded anew. */
export function showLab(lab: Lab, page: PageWindow, bounds: BoundsFile): void {
  const { window } = page
  window.setTitle(`${lab.describe().name} – Millrace`)
  window.on('close', () => rememberBounds(window, bounds))
  void handOverWhenLoaded(lab, page)
}

/** Gives the window of a single panel its lab as well. It has no menu: that is about whole windows. */
export function showPanel(lab: Lab, page: PageWindow): void {
  page.window.removeMenu()
  void handOverWhenLoaded(lab, page)
}

async function handOverWhenLoaded(lab: Lab, { window, loaded }: PageWindow): Promise<void> {
  careForPage(window)
  await loaded
  if (window.isDestroyed()) return
  handOverContract(lab, window)
  window.webContents.on('dom-ready', () => handOverContract(lab, window))
}

function rememberBounds(window: BrowserWindow, bounds: BoundsFile): void {
  try {
    bounds.write({ ...window.getNormalBounds(), isMaximised: window.isMaximized() }, writeTextFile)
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
