import { execFileSync } from 'node:child_process'
import { globSync, statSync } from 'node:fs'

const built = 'out/main/cli.js'

/** Builds the doors and the window before the tests, unless what is built is newer than every source. */
export default function buildIfStale(): void {
  if (newest([built]) > newest([...globSync('src/**/*.{ts,vue,html,css}'), 'package.json', 'electron.vite.config.ts'])) return
  execFileSync('npm', ['run', 'build', '--silent'], { stdio: 'inherit' })
}

function newest(files: string[]): number {
  return Math.max(0, ...files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0))
}
