import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { MillraceError } from '../shared/index.ts'

/** Refuses what cannot be a lab or graph file because it is a folder, and names one in it. Throws `FILE_NOT_FOUND`. */
export function refuseFolder(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() !== true) return
  const names = labFilesIn(file)
  const example = names.find((name) => name.endsWith('.lab.json')) ?? names[0]
  const advice = example === undefined ? '' : `, such as ${path.join(file, example)}`
  throw new MillraceError('FILE_NOT_FOUND', `${file}: it is a folder; give a lab or graph file${advice}`)
}

function labFilesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.(lab|graph)\.json$/.test(name))
      .sort()
  } catch {
    // A folder that may not be listed has no example to give.
    return []
  }
}
