import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'

const built = 'out/types/src/index.d.ts'

/** Builds what the tests run, and says at the end what could not be tested here and why. */
export default function setUp(): () => void {
  buildIfStale()
  const { CHROMIUM_PATH, ELECTRON_EXEC_PATH, DISPLAY } = process.env
  return () => {
    if (!CHROMIUM_PATH) say('the window in a browser was not tested: set CHROMIUM_PATH to a Chromium')
    if (!ELECTRON_EXEC_PATH) say('the desktop window was not tested: set ELECTRON_EXEC_PATH to an Electron')
    else if (process.platform === 'linux' && !DISPLAY)
      say('the desktop window was not tested: there is no display; use xvfb-run -a npm test')
  }
}

function say(what: string): void {
  process.stdout.write(`skipped: ${what}\n`)
}

/** Builds the doors and the window, unless what is built is newer than every source. */
function buildIfStale(): void {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((file) => path.join('src', file))
  if (newest([built]) > newest([...sources, 'package.json', 'electron.vite.config.ts'])) return
  execFileSync('npm', ['run', 'build', '--silent'], { stdio: 'inherit' })
}

function newest(files: string[]): number {
  return Math.max(0, ...files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0))
}
