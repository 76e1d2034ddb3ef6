import path from 'node:path'

/** Where the built parts of Millrace lie. */
export interface Installation {
  root: string
  /** What instances run in. */
  workerFile: string
  /** What takes one sample of a bench. */
  benchFile: string
  /** The built window. */
  rendererDir: string
  /** What `open` and `serve` show when no file is named. */
  defaultLab: string
}

/** Finds the parts from the folder of the built command line, `out/main`. */
export function installationAt(mainDir: string): Installation {
  const root = path.resolve(mainDir, '../..')
  return {
    root,
    workerFile: path.join(mainDir, 'instance-worker.js'),
    benchFile: path.join(mainDir, 'bench-sample.js'),
    rendererDir: path.resolve(mainDir, '../renderer'),
    defaultLab: path.join(root, 'resources/examples/ml-pipeline/weather.lab.json'),
  }
}
