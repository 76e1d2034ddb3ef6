import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import path from 'node:path'
import envPaths from 'env-paths'

/**
 * Where the states of a lab's nodes are kept when nobody says: in the user's data folder, apart for each lab file, and for each port base,
 * with which the same lab may run several times at once. Inside there is one folder per instance.
 */
export function defaultStatesFolder(
  labFile: string,
  portBase: number | undefined,
  dataDir: string = envPaths('millrace', { suffix: '' }).data,
): string {
  const real = realpathSync(labFile)
  const name = path.basename(real).replace(/(\.lab|\.graph)?\.json$/, '')
  const sum = createHash('sha256').update(real).digest('hex').slice(0, 12)
  const apart = portBase === undefined ? '' : `.${portBase}`
  return path.join(dataDir, 'states', `${safeName(name)}.${sum}${apart}`)
}

/** Where the states of one instance's nodes are kept. */
export function statesFolderOf(folder: string, instance: string): string {
  const sum = createHash('sha256').update(instance).digest('hex').slice(0, 8)
  return path.join(folder, `${safeName(instance)}.${sum}`)
}

function safeName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_-]+/g, '-').slice(0, 60)
}
