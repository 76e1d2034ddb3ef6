import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { CommandContext } from './command-context.ts'
import type { Console, Interrupt } from './console.ts'
import { hasDisplay } from './display.ts'
import { findElectron } from './electron-runtime.ts'

/** How the desktop window ended, or why it could not be had. */
export type DesktopOutcome = { type: 'closed'; code: number } | { type: 'unavailable'; reason: string }

/** The desktop says that it runs; until then its end means that it cannot. */
const readyLine = 'millrace-desktop-ready'

/** Shows a lab in a desktop window and waits until it is closed. */
export async function showInDesktop(
  lab: { file: string; portBase: number | undefined },
  { console, installation }: CommandContext,
): Promise<DesktopOutcome> {
  if (!hasDisplay(process.platform, console.env))
    return { type: 'unavailable', reason: 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)' }
  const runtime = await findElectron(installation.root, console)
  if (runtime.type === 'missing') return { type: 'unavailable', reason: runtime.reason }
  if (runtime.type === 'interrupted') return { type: 'closed', code: runtime.code }
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0
  if (isRoot)
    console.complain('millrace: run as root, so the window runs without Chromium’s own sandbox (--no-sandbox)')
  const args = [
    ...(isRoot ? ['--no-sandbox'] : []),
    installation.root,
    '--',
    lab.file,
    ...(lab.portBase === undefined ? [] : ['--port-base', String(lab.portBase)]),
  ]
  const { ELECTRON_RUN_AS_NODE: _asNode, ...env } = console.env
  const child = spawn(runtime.executable, args, {
    // Its standard input ends with this process, however that ends, and the desktop goes with it.
    stdio: ['pipe', 'inherit', 'pipe'],
    env: { ...env, MILLRACE_READY_LINE: readyLine },
    // Ctrl-C reaches the whole group: this process passes it on once, so that a second one means something.
    detached: process.platform !== 'win32',
  })
  return await outcomeOf(child, console)
}

async function outcomeOf(child: ChildProcess, console: Console): Promise<DesktopOutcome> {
  let ready = false
  const said: string[] = []
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line === readyLine) ready = true
      else if (isOurs(line)) {
        said.push(line)
        console.complain(line)
      } else if (console.env['MILLRACE_DEBUG']) console.complain(line)
    })
  }
  const interrupts: Interrupt[] = []
  const undo = console.onInterrupt((why) => {
    if (why.reason === 'reader gone') return
    interrupts.push(why)
    child.kill(why.reason)
  })
  const end = await new Promise<{ code: number | null; signal: string | null; error?: string }>((resolve) => {
    child.on('error', (error) => resolve({ code: null, signal: null, error: error.message }))
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  undo()
  // Whoever interrupts it wants no other window instead; having to insist shows in the exit code.
  if (interrupts.length > 0) return { type: 'closed', code: interrupts[1]?.code ?? end.code ?? 0 }
  const how = end.error ?? (end.signal ? `it ended by ${end.signal}` : `it ended with code ${end.code ?? 'unknown'}`)
  if (!ready && said.length === 0)
    return { type: 'unavailable', reason: `the desktop runtime does not start here (${how})` }
  if (end.code === null) console.complain(`millrace: the desktop window crashed: ${how}`)
  return { type: 'closed', code: end.code ?? 1 }
}

/** Chromium talks to itself on standard error; only our own lines are for the user. */
function isOurs(line: string): boolean {
  return line.startsWith('millrace: ')
}
