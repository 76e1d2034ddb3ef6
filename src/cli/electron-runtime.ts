import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Environment } from '../graph/index.ts'
import type { Console, Interrupt } from './console.ts'

/** Fetching takes a minute or two on an ordinary line; past this the browser has to do. */
const fetchTimeoutMs = 180_000

/** The desktop's runtime, or why there is none. */
export type ElectronRuntime =
  { type: 'found'; executable: string } | { type: 'missing'; reason: string } | { type: 'interrupted'; code: number }

/** How fetching ended. */
type Fetching = { type: 'fetched' } | { type: 'failed'; reason: string } | { type: 'interrupted'; code: number }

/** Finds Electron: by `ELECTRON_EXEC_PATH`, else in the `electron` package, which may have to be fetched first. */
export async function findElectron(root: string, console: Console): Promise<ElectronRuntime> {
  const named = console.env['ELECTRON_EXEC_PATH']
  if (named) {
    if (existsSync(named)) return { type: 'found', executable: named }
    return { type: 'missing', reason: `ELECTRON_EXEC_PATH names ${named}, where nothing is` }
  }
  const folder = electronPackage(root)
  if (folder === undefined) return { type: 'missing', reason: 'the package "electron" is not installed' }
  const present = executableIn(folder, console.env)
  if (present !== undefined) return { type: 'found', executable: present }
  console.complain('millrace: fetching the desktop runtime (about 110 MB, only this once)…')
  const fetching = await fetchElectron(folder, console)
  if (fetching.type === 'interrupted') return fetching
  const fetched = executableIn(folder, console.env)
  if (fetched !== undefined) return { type: 'found', executable: fetched }
  const reason = fetching.type === 'failed' ? fetching.reason : 'nothing was unpacked'
  return { type: 'missing', reason: `the desktop runtime could not be fetched (${reason})` }
}

function electronPackage(root: string): string | undefined {
  try {
    return path.dirname(createRequire(path.join(root, 'package.json')).resolve('electron/package.json'))
  } catch {
    // Not installed: the caller says so.
    return undefined
  }
}

/** What the package's own index.js does, without its fetching: `path.txt` names the program within `dist`. */
function executableIn(folder: string, env: Environment): string | undefined {
  try {
    const name = readFileSync(path.join(folder, 'path.txt'), 'utf8')
    const executable = path.join(env['ELECTRON_OVERRIDE_DIST_PATH'] ?? path.join(folder, 'dist'), name)
    return existsSync(executable) ? executable : undefined
  } catch {
    // Without path.txt nothing has been unpacked yet.
    return undefined
  }
}

/** Runs the package's installer. */
function fetchElectron(folder: string, console: Console): Promise<Fetching> {
  return new Promise((resolve) => {
    const installer = spawn(process.execPath, [path.join(folder, 'install.js')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: fetchTimeoutMs,
      killSignal: 'SIGKILL',
    })
    let complaint = ''
    installer.stderr.on('data', (chunk: Buffer) => {
      complaint = `${complaint}${chunk.toString('utf8')}`.slice(0, 4_000)
    })
    let interrupt: Interrupt | undefined
    const undo = console.onInterrupt((why) => {
      interrupt = why
      installer.kill('SIGKILL')
    })
    installer.on('error', (error) => {
      complaint ||= error.message
    })
    installer.on('close', (code, signal) => {
      undo()
      if (interrupt) resolve({ type: 'interrupted', code: interrupt.code })
      else if (code === 0) resolve({ type: 'fetched' })
      else if (signal) resolve({ type: 'failed', reason: `it was given up after ${fetchTimeoutMs / 1_000} s` })
      else resolve({ type: 'failed', reason: firstReason(complaint) })
    })
  })
}

function firstReason(complaint: string): string {
  const line = complaint.split('\n').find((text) => /error/i.test(text)) ?? complaint.split('\n')[0] ?? ''
  return (
    line
      .trim()
      .replace(/^[A-Za-z]*Error: /, '')
      .slice(0, 200) || 'its installer failed'
  )
}
