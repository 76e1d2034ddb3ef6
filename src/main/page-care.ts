import { dialog, type BrowserWindow, type MessageBoxOptions } from 'electron'

/** Offers a way out when a window's page has crashed or does not answer. Its lab runs on meanwhile: it is not in the page. */
export function careForPage(window: BrowserWindow): void {
  const { webContents } = window
  /** Whether a person has ended the page to have it anew. */
  let isReplaced = false
  webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return
    if (!isReplaced) return void offerAgain(reason, exitCode)
    isReplaced = false
    webContents.reload()
  })
  window.on('unresponsive', () => void offerToReplace())

  async function offerAgain(reason: string, exitCode: number): Promise<void> {
    process.stderr.write(`millrace: the page of a window has ended (${reason}, ${exitCode})\n`)
    const answer = await ask({
      type: 'error',
      message: 'The page of this window has ended unexpectedly',
      detail: `Reason: ${reason}. Instances run on, and layouts and edits are kept.`,
      buttons: ['Load it again', 'Close the window'],
      cancelId: 1,
    })
    if (window.isDestroyed()) return
    if (answer === 0) webContents.reload()
    else window.close()
  }

  async function offerToReplace(): Promise<void> {
    const answering = new AbortController()
    window.once('responsive', () => answering.abort())
    const answer = await ask({
      type: 'warning',
      message: 'This window does not answer',
      detail: 'Instances run on, and layouts and edits are kept.',
      buttons: ['Wait', 'Load it again'],
      cancelId: 0,
      signal: answering.signal,
    })
    if (answer !== 1 || window.isDestroyed()) return
    // A page that hangs cannot be asked to leave. It is loaded again once it has ended.
    isReplaced = true
    webContents.forcefullyCrashRenderer()
  }

  async function ask(options: MessageBoxOptions): Promise<number> {
    const { response } = await dialog.showMessageBox(window, { title: 'Millrace', noLink: true, ...options })
    return response
  }
}
