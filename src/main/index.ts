import path from 'node:path'
import { app } from 'electron'
import { registerAppScheme } from './app-scheme.ts'
import { Desktop } from './desktop.ts'
import { launchFrom, parseLaunch } from './launch.ts'
import { reportFailure } from './report-failure.ts'

// The built file is out/main/index.js. Nothing here may await `whenReady`: a module that does never lets it come.
const mainDir = import.meta.dirname
const launch = parseLaunch(process.argv, path.resolve(mainDir, '../..'))

// Whoever read what is said here may be gone before this program is: Electron would show the failed write in a box that holds up the quit.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {})

registerAppScheme()
app.setName('Millrace')

if (app.requestSingleInstanceLock({ ...launch })) {
  const desktop = new Desktop({
    workerFile: path.join(mainDir, 'instance-worker.js'),
    preloadFile: path.resolve(mainDir, '../preload/index.cjs'),
    rendererDir: path.resolve(mainDir, '../renderer'),
  })
  const started = app.whenReady().then(() => desktop.start(launch))
  started.catch(reportFailure)
  app.on('second-instance', (_event, _argv, _cwd, handed) => {
    const other = launchFrom(handed)
    if (other) void started.then(() => desktop.showAnother(other))
  })
} else {
  process.stderr.write('millrace: Millrace is open already; it shows the lab there\n')
  app.exit(0)
}
