import { realpathSync } from 'node:fs'
import { app, dialog, Menu, type BrowserWindow } from 'electron'
import { openLab, type Lab } from '../lab/index.ts'
import { describeError } from '../shared/index.ts'
import { openLabWindow } from './lab-window.ts'
import type { Launch } from './launch.ts'
import { lockDownWindows } from './lock-down.ts'
import { buildMenu } from './menu.ts'
import { spawnUtility } from './spawn-utility.ts'

/** Where the built parts that a window needs lie. */
export interface DesktopFiles {
  workerFile: string
  preloadFile: string
  rendererDir: string
}

interface OpenLab {
  lab: Lab
  window: BrowserWindow
}

/** The labs that are open and their windows, from the start of the program to its end. */
export class Desktop {
  readonly #files: DesktopFiles
  /** By the real path of the lab's file: opening a file twice brings its window to the front. */
  readonly #open = new Map<string, OpenLab>()
  /** Labs whose window is gone and which have not come to their end yet. */
  readonly #closing = new Set<Lab>()
  #quitting: 'no' | 'draining' | 'done' = 'no'

  constructor(files: DesktopFiles) {
    this.#files = files
  }

  /** Takes over the program once it is ready, and shows its first lab. Throws what is wrong with that. */
  async start(launch: Launch): Promise<void> {
    lockDownWindows()
    followCommandLine()
    app.on('window-all-closed', () => app.quit())
    app.on('before-quit', (event) => this.#beforeQuit(event))
    Menu.setApplicationMenu(buildMenu(() => this.#labInFront()))
    await this.#show(launch)
  }

  /** Shows what another start of the program was asked for: in its own window, or the one it has. */
  async showAnother(launch: Launch): Promise<void> {
    try {
      await this.#show(launch)
    } catch (error) {
      const { message } = complain(error)
      void dialog.showMessageBox({
        type: 'error',
        title: 'Millrace',
        message: 'This lab cannot be opened',
        detail: message,
      })
    }
  }

  async #show({ file, portBase }: Launch): Promise<void> {
    const key = realPath(file)
    const present = this.#open.get(key)
    if (present) return bringToFront(present.window)
    const lab = openLab({
      file,
      door: 'desktop',
      workerFile: this.#files.workerFile,
      consent: 'ask',
      ...(portBase !== undefined && { portBase }),
      spawnProcess: spawnUtility,
      env: process.env,
    })
    const window = openLabWindow(lab, this.#files)
    this.#open.set(key, { lab, window })
    window.on('closed', () => {
      this.#open.delete(key)
      void this.#end(lab)
    })
    sayReady()
    // What fails stands in the instance's state, which the window shows; this line is for the terminal.
    if (lab.describe().trust.trusted) await lab.startAll().catch(complain)
  }

  #labInFront(): Lab | undefined {
    const open = [...this.#open.values()]
    return (open.find(({ window }) => window.isFocused()) ?? open[0])?.lab
  }

  async #end(lab: Lab): Promise<void> {
    this.#closing.add(lab)
    await lab.close().catch(complain)
    this.#closing.delete(lab)
  }

  /** Quitting lets the instances finish first; quitting again ends them at once. */
  #beforeQuit(event: { preventDefault(): void }): void {
    if (this.#quitting === 'done') return
    event.preventDefault()
    const labs = [...this.#closing, ...[...this.#open.values()].map(({ lab }) => lab)]
    // Exiting with threads alive aborts the process, so every one of them is waited for.
    const ended = this.#quitting === 'no' ? labs.map((lab) => lab.close()) : labs.map((lab) => lab.abandon())
    this.#quitting = 'draining'
    void Promise.allSettled(ended).then(() => this.#leave())
  }

  #leave(): void {
    this.#quitting = 'done'
    app.exit(0)
  }
}

function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

/** The command line waits for this line: before it, the end of this process means that the desktop cannot run here. */
function sayReady(): void {
  const line = process.env['MILLRACE_READY_LINE']
  if (line !== undefined) process.stderr.write(`${line}\n`)
}

/** Leaves when the command line that started this is gone, even if it could not say so. */
function followCommandLine(): void {
  if (process.env['MILLRACE_READY_LINE'] === undefined) return
  // A command line that is killed may leave an error behind instead of an end; the close comes after both.
  process.stdin
    .on('error', () => {})
    .on('close', () => app.quit())
    .resume()
}

function complain(error: unknown): { message: string } {
  const message = describeError(error).replaceAll(/\p{Cc}+/gu, ' ')
  process.stderr.write(`millrace: ${message}\n`)
  return { message }
}

function realPath(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    // A file that is not there is refused, by name, when its lab is opened.
    return file
  }
}
