import { realpathSync } from 'node:fs'
import { app, dialog, Menu, type BrowserWindow } from 'electron'
import path from 'node:path'
import { Home, openLab, type HomeDoor, type Lab } from '../lab/index.ts'
import { describeError } from '../shared/index.ts'
import { parseDeepLink } from './deep-link.ts'
import { showLab, showPanel } from './lab-window.ts'
import type { Launch } from './launch.ts'
import { buildMenu } from './menu.ts'
import { notifyOf } from './notices.ts'
import { askPage, type PageRequest } from './page-requests.ts'
import { openPageWindow, type PageWindow } from './page-window.ts'
import { allowPopOuts, type PopOuts } from './pop-outs.ts'
import { spawnUtility } from './spawn-utility.ts'
import type { BoundsFile } from './window-bounds.ts'

/** Where the built parts that a window needs lie. */
export interface DesktopFiles {
  workerFile: string
  preloadFile: string
  rendererDir: string
  /** The labs that came with Millrace. */
  examplesDir: string
}

interface OpenLab {
  lab: Lab
  window: BrowserWindow
  popOuts: PopOuts
}

/** The labs that are open and their windows, from the start of the program to its end. */
export class Desktop {
  readonly #files: DesktopFiles
  /** By the real path of the lab's file: opening a file twice brings its window to the front. */
  readonly #open = new Map<string, OpenLab>()
  /** Labs whose window is gone and which have not come to their end yet. */
  readonly #closing = new Set<Lab>()
  #quitting: 'no' | 'draining' | 'done' = 'no'
  readonly #bounds: BoundsFile
  readonly #door: HomeDoor = {
    open: (file) => this.#show({ file }),
    choose: () => this.#choose(),
  }
  readonly #home: Home

  constructor(files: DesktopFiles, bounds: BoundsFile) {
    this.#files = files
    this.#bounds = bounds
    this.#home = new Home(this.#door, { examples: files.examplesDir })
  }

  /** Takes over the program once it is ready, and shows its first lab in its first window. Throws what is wrong with that. */
  async start(launch: Launch, first: PageWindow): Promise<void> {
    followCommandLine()
    app.on('window-all-closed', () => app.quit())
    app.on('before-quit', (event) => this.#beforeQuit(event))
    this.#setMenu()
    const { link, ...shown } = launch
    await this.#show(shown, first)
    if (link !== undefined) await this.follow(link)
  }

  /** Shows what another start of the program was asked for: in its own window, or the one it has. */
  async showAnother(launch: Launch): Promise<void> {
    const { link, ...shown } = launch
    if (link !== undefined && shown.file === undefined) return this.follow(link)
    await this.#tryToShow(shown)
  }

  /** Does what a `millrace://` link asks for, once a person has agreed: links come from strangers. */
  async follow(text: string): Promise<void> {
    const link = parseDeepLink(text)
    const window = this.#inFront()?.window
    if (!link) {
      const detail = 'Millrace knows millrace://open?file=… with a whole path, and millrace://join?peer=host:port.'
      await dialog.showMessageBox({ type: 'warning', title: 'Millrace', message: 'This link leads nowhere', detail })
      return
    }
    const isOpen = link.type === 'open'
    const { response } = await dialog.showMessageBox({
      type: 'question',
      title: 'Millrace',
      message: isOpen ? 'A link wants to open this lab' : 'A link wants to join this peer',
      detail: isOpen
        ? `${link.file}\n\nIt is shown and runs nothing until you trust its folder.`
        : `${link.endpoint}\n\nIt is filled in; nothing is dialled until you say so.`,
      buttons: [isOpen ? 'Open' : 'Show', 'Cancel'],
      defaultId: 1,
      cancelId: 1,
    })
    if (response !== 0) return
    if (link.type === 'open') return this.#tryToShow({ file: link.file })
    if (!window || window.isDestroyed()) return
    bringToFront(window)
    askPage(window.webContents, link)
  }

  async #tryToShow(launch: Launch): Promise<void> {
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

  async #choose(): Promise<void> {
    const options = {
      title: 'Open a lab',
      properties: ['openFile' as const],
      filters: [
        { name: 'Labs and graphs', extensions: ['json', 'millrace'] },
        { name: 'All files', extensions: ['*'] },
      ],
    }
    const window = this.#inFront()?.window
    const { filePaths } = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options))
    if (filePaths[0] !== undefined) await this.#tryToShow({ file: filePaths[0] })
  }

  #setMenu(): void {
    const commands = {
      act: (id: string) => this.#ask({ type: 'action', id }),
      show: (file: string) => void this.#tryToShow({ file }),
      forgetRecent: () => {
        for (const file of this.#home.recentFiles) this.#home.forget(file)
        this.#setMenu()
      },
      recent: this.#home.recentFiles,
      samples: this.#home.samples.filter(({ kind }) => kind === 'lab'),
    }
    Menu.setApplicationMenu(buildMenu(commands))
  }

  #ask(request: PageRequest): void {
    const window = this.#inFront()?.window
    if (window) askPage(window.webContents, request)
  }

  async #show({ file: given, portBase }: Omit<Launch, 'link'>, first?: PageWindow): Promise<void> {
    const file = given ?? path.join(this.#files.examplesDir, 'ml-pipeline/weather.lab.json')
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
      home: this.#door,
    })
    this.#remember(lab, file)
    const page = first ?? openPageWindow(this.#files, this.#bounds)
    const { window } = page
    showLab(lab, page, this.#bounds)
    const popOuts = allowPopOuts(window, (search) => {
      const panel = openPageWindow(this.#files, this.#bounds, { search })
      showPanel(lab, panel)
      return panel
    })
    const quiet = notifyOf(lab, window, (instance) => askPage(window.webContents, { type: 'select', instance }))
    this.#open.set(key, { lab, window, popOuts })
    window.on('closed', () => {
      quiet()
      this.#open.delete(key)
      void this.#end(lab)
    })
    sayReady()
    // What fails stands in the instance's state, which the window shows; this line is for the terminal. A start that quitting overtakes is no failure.
    const failed = (error: unknown) => this.#quitting === 'no' && this.#open.has(key) && complain(error)
    if (lab.describe().trust.trusted) await lab.startAll().catch(failed)
  }

  #inFront(): OpenLab | undefined {
    const open = [...this.#open.values()]
    return open.find(({ window, popOuts }) => window.isFocused() || popOuts.isFocused()) ?? open[0]
  }

  #remember(lab: Lab, file: string): void {
    try {
      this.#home.remember(file)
      app.addRecentDocument(file)
      this.#setMenu()
    } catch (error) {
      lab.log('warn', `the list of recent labs cannot be kept: ${describeError(error)}`)
    }
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
