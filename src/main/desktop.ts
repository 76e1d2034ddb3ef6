import { app, Menu, type BrowserWindow } from 'electron'
import { openLab, type Lab } from '../lab/index.ts'
import { describeError } from '../shared/index.ts'
import { openLabWindow } from './lab-window.ts'
import type { Launch } from './launch.ts'
import { lockDownWindows } from './lock-down.ts'
import { buildMenu } from './menu.ts'
import { spawnUtility } from './spawn-utility.ts'

/** What the desktop is made of. */
export interface DesktopOptions {
  launch: Launch
  workerFile: string
  preloadFile: string
  rendererDir: string
}

/** One lab and its window, from the start of the program to its end. */
export class Desktop {
  readonly #options: DesktopOptions
  #window: BrowserWindow | undefined
  #closing: Promise<void> | undefined
  #isClosed = false

  constructor(options: DesktopOptions) {
    this.#options = options
    lockDownWindows()
  }

  /** Opens the lab and its window; a trusted lab starts at once. Throws what is wrong with the lab. */
  async start(): Promise<void> {
    const { launch, workerFile } = this.#options
    const lab = await openLab({
      file: launch.file,
      door: 'desktop',
      workerFile,
      consent: 'ask',
      ...(launch.portBase !== undefined && { portBase: launch.portBase }),
      spawnProcess: spawnUtility,
      env: process.env,
    })
    Menu.setApplicationMenu(buildMenu(lab))
    app.on('window-all-closed', () => app.quit())
    app.on('before-quit', (event) => this.#beforeQuit(event, lab))
    this.#window = openLabWindow(lab, this.#options)
    // The command line waits for this line: before it, the end of this process means that the desktop cannot run here.
    const readyLine = process.env['MILLRACE_READY_LINE']
    if (readyLine !== undefined) process.stderr.write(`${readyLine}\n`)
    if (lab.describe().trust.trusted) await lab.startAll().catch((error: unknown) => complain(error))
  }

  /** Brings the window to the front. */
  focus(): void {
    if (!this.#window || this.#window.isDestroyed()) return
    if (this.#window.isMinimized()) this.#window.restore()
    this.#window.show()
    this.#window.focus()
  }

  /** Quitting lets the instances finish first; quitting again, or a lab that does not stop, ends them at once. */
  #beforeQuit(event: { preventDefault(): void }, lab: Lab): void {
    if (this.#isClosed) return
    event.preventDefault()
    if (this.#closing) {
      void lab.abandon().finally(() => this.#leave())
      return
    }
    // Exiting with threads alive aborts the process, so every one of them is waited for.
    this.#closing = lab.close().catch(complain)
    void this.#closing.finally(() => this.#leave())
  }

  #leave(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    app.exit(0)
  }
}

/** The window shows the same in the instance's state; this is for the terminal it was started from. */
function complain(error: unknown): void {
  process.stderr.write(`millrace: ${describeError(error).replaceAll(/\p{Cc}+/gu, ' ')}\n`)
}
