import path from 'node:path'
import { app } from 'electron'
import { Desktop } from './desktop.ts'
import { parseLaunch } from './launch.ts'
import { registerAppScheme } from './app-scheme.ts'
import { reportFailure } from './report-failure.ts'

// The built file is out/main/index.js. Nothing here may await `whenReady`: a module that does never lets it come.
const mainDir = import.meta.dirname

registerAppScheme()
app.setName('Millrace')

if (app.requestSingleInstanceLock()) {
  const desktop = new Desktop({
    launch: parseLaunch(process.argv, path.resolve(mainDir, '../..')),
    workerFile: path.join(mainDir, 'instance-worker.js'),
    preloadFile: path.resolve(mainDir, '../preload/index.cjs'),
    rendererDir: path.resolve(mainDir, '../renderer'),
  })
  app.on('second-instance', () => desktop.focus())
  app
    .whenReady()
    .then(() => desktop.start())
    .catch(reportFailure)
} else {
  process.stderr.write('millrace: a Millrace window is open already and has been brought to the front\n')
  app.exit(0)
}
