import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'

const built = 'out/types/src/index.d.ts'

/** Builds the doors and the window before the tests, unless what is built is newer than every source. */
export default function buildIfStale(): void {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((file) => path.join('src', file))
  if (newest([built]) > newest([...sources, 'package.json', 'electron.vite.config.ts'])) return
  execFileSync('npm', ['run', 'build', '--silent'], { stdio: 'inherit' })
}

function newest(files: string[]): number {
  return Math.max(0, ...files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0))
}
