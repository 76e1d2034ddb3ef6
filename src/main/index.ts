import path from 'node:path'
import { app } from 'electron'
import { registerAppScheme } from './app-scheme.ts'
import { linkScheme } from './deep-link.ts'
import type { Desktop } from './desktop.ts'
import { launchFrom, parseLaunch } from './launch.ts'
import { lockDownWindows } from './lock-down.ts'
import { openPageWindow } from './page-window.ts'
import { reportFailure } from './report-failure.ts'
import { BoundsFile } from './window-bounds.ts'

// The built file is out/main/index.js. Nothing here may await `whenReady`: a module that does never lets it come.
const mainDir = import.meta.dirname
const launch = parseLaunch(process.argv, { isInstalled: app.isPackaged })

// Whoever read what is said here may be gone before this program is: Electron would show the failed write in a box that holds up the quit.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {})

registerAppScheme()
app.setName('Millrace')
// Windows shows notifications only of programs that say who they are.
app.setAppUserModelId('dev.millrace.lab')

if (app.requestSingleInstanceLock({ ...launch })) {
  const files = {
    workerFile: path.join(mainDir, 'instance-worker.js'),
    preloadFile: path.resolve(mainDir, '../preload/index.cjs'),
    rendererDir: path.resolve(mainDir, '../renderer'),
    examplesDir: path.resolve(mainDir, '../../resources/examples'),
  }
  const started = app.whenReady().then(async (): Promise<Desktop> => {
    lockDownWindows()
    // The window's page comes up in a process of its own while all that a lab needs is still being read, once it has its scripts.
    const bounds = new BoundsFile(app.getPath('userData'))
    const first = openPageWindow(files, bounds)
    await first.served
    const { Desktop: DesktopClass } = await import('./desktop.ts')
    const desktop = new DesktopClass(files, bounds)
    if (first.window.isDestroyed()) app.quit()
    else await desktop.start(launch, first)
    return desktop
  })
  started.catch(reportFailure)
  // Only the installed program may claim them: another start would claim them for a folder of sources.
  if (app.isPackaged) app.setAsDefaultProtocolClient(linkScheme)
  // macOS tells of files and links by events, also before the program is ready.
  app.on('open-file', (event, file) => {
    event.preventDefault()
    void started.then((desktop) => desktop.showAnother({ file }))
  })
  app.on('open-url', (event, link) => {
    event.preventDefault()
    void started.then((desktop) => desktop.follow(link))
  })
  app.on('second-instance', (_event, _argv, _cwd, handed) => {
    const other = launchFrom(handed)
    if (other) void started.then((desktop) => desktop.showAnother(other))
  })
} else {
  process.stderr.write('millrace: Millrace is open already; it shows the lab there\n')
  app.exit(0)
}
