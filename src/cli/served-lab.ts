import { readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { isLoopback } from '../graph/index.ts'
import { openLab, type HomeDoor, type Lab } from '../lab/index.ts'
import { describeError, MillraceError } from '../shared/index.ts'
import type { CommandContext } from './command-context.ts'
import type { Console } from './console.ts'
import { refuseFolder } from './file-argument.ts'
import { visible } from './visible.ts'
import { WebDoor } from './web-door.ts'

/** How `serve`, and `open` without a desktop, serve a lab. */
export interface ServeOptions {
  file?: string | undefined
  host?: string | undefined
  port?: number | undefined
  cert?: string | undefined
  key?: string | undefined
  insecure?: boolean | undefined
  portBase?: number | undefined
  states?: string | undefined
  /** Called with the first URL once the window can be had. */
  ready?: (url: string) => void
}

/** Serves a lab to browsers until it is interrupted; answers the exit code. */
export async function serveLab(options: ServeOptions, { console, installation }: CommandContext): Promise<number> {
  if (options.file !== undefined) refuseFolder(options.file)
  const host = options.host ?? '127.0.0.1'
  const tls = readTls(options)
  refuseOpenDoor(host, tls !== undefined, options.insecure === true)
  const file = options.file ?? installation.defaultLab
  const open = (wanted: string, home: HomeDoor): Lab => {
    const opened = openLab({
      file: wanted,
      door: 'browser',
      workerFile: installation.workerFile,
      consent: 'ask',
      // The folder that was named is that of the lab that was named.
      statesFolder: wanted === file ? options.states : undefined,
      ...(options.portBase !== undefined && { portBase: options.portBase }),
      env: console.env,
      home,
    })
    remember(opened, wanted)
    return opened
  }
  const home: HomeDoor = {
    get folder() {
      return path.dirname(realpathSync(file))
    },
    async open(wanted) {
      const before = lab
      lab = open(wanted, home)
      // Whoever asked hears first that it goes well: their connection ends with the lab that they asked.
      const swap = () => void exchange(before, lab).catch((error: unknown) => complain(error, console))
      setTimeout(swap, answerLeavesMs)
    },
  }
  let lab = open(file, home)
  const exchange = async (before: Lab, next: Lab) => {
    door.show(next)
    // The two may want the same ports.
    await before.close()
    if (next.describe().trust.trusted) await next.startAll()
  }
  const door = new WebDoor({
    lab,
    rendererDir: installation.rendererDir,
    host,
    port: options.port ?? 0,
    ...(tls && { tls }),
  })
  const interrupted = interrupts(console)
  try {
    await door.listen()
    const started = startTrusted(lab, console).then(() => true)
    // A start may take long; Ctrl-C counts from the first moment.
    if (await Promise.race([started, interrupted.first.then(() => false)])) {
      const url = door.newUrl()
      announce(lab, url, console)
      options.ready?.(url)
      const quiet = offerNewUrls(door, console)
      await interrupted.first
      quiet()
    } else started.catch(() => undefined)
    console.complain('millrace: stopping; press Ctrl-C again to end at once')
    const code = await Promise.race([lab.close().then(() => 0), interrupted.second])
    if (code !== 0) await lab.abandon()
    return code
  } finally {
    await lab.close()
    await door.stop()
    interrupted.stop()
  }
}

/** The answer to whoever asked for another lab has left by then. */
const answerLeavesMs = 100

/** Lists it among the recent ones; where that cannot be kept, its log says so. */
function remember(lab: Lab, file: string): void {
  try {
    lab.home.remember(file)
  } catch (error) {
    lab.log('warn', `the list of recent labs cannot be kept: ${describeError(error)}`)
  }
}

/** What fails to start stands in the window; this line is for the terminal. */
function complain(error: unknown, console: Console): void {
  console.complain(`millrace: ${visible(describeError(error))}`)
}

async function startTrusted(lab: Lab, console: Console): Promise<void> {
  const { trust, name } = lab.describe()
  if (trust.trusted) return lab.startAll()
  console.complain(
    `millrace: "${visible(name)}" lies in a folder that has not been trusted; look at it in the window and start it there`,
  )
}

function announce(lab: Lab, url: string, console: Console): void {
  console.print(`Serving "${visible(lab.describe().name)}" at`)
  console.print('')
  console.print(`  ${url}`)
  console.print('')
  const more = console.interactive
    ? 'Press u and Enter for another URL, Ctrl-C to stop.'
    : 'Ctrl-C stops it; SIGUSR2 prints another URL.'
  console.print(`The URL opens the window once. ${more}`)
}

function offerNewUrls(door: WebDoor, console: Console): () => void {
  const printUrl = () => console.print(`  ${door.newUrl()}`)
  // Windows has no such signal and refuses to listen for it.
  if (process.platform !== 'win32') process.on('SIGUSR2', printUrl)
  const undo = console.interactive
    ? console.onLine((line) => line.toLowerCase() === 'u' && printUrl())
    : () => undefined
  return () => {
    process.off('SIGUSR2', printUrl)
    undo()
  }
}

/** The first interrupt asks for a stop, the second for an end at once. */
function interrupts(console: Console): { first: Promise<void>; second: Promise<number>; stop: () => void } {
  let count = 0
  let stop = () => {}
  let askedOnce = () => {}
  const first = new Promise<void>((resolve) => {
    askedOnce = resolve
  })
  const second = new Promise<number>((resolve) => {
    stop = console.onInterrupt(({ reason, code }) => {
      // A server goes on when nobody reads what it prints.
      if (reason === 'reader gone') return
      count += 1
      if (count === 1) askedOnce()
      else resolve(code)
    })
  })
  return { first, second, stop: () => stop() }
}

function readTls({ cert, key }: ServeOptions): { cert: Buffer; key: Buffer } | undefined {
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined || key === undefined)
    throw new MillraceError('USAGE', '--cert and --key belong together; give both')
  return { cert: readPem(cert, '--cert'), key: readPem(key, '--key') }
}

function readPem(file: string, option: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new MillraceError('FILE_NOT_FOUND', `cannot read ${file}; give ${option} a readable PEM file`, { cause })
  }
}

function refuseOpenDoor(host: string, isSecure: boolean, waived: boolean): void {
  if (isLoopback(host) || isSecure || waived) return
  throw new MillraceError(
    'BIND_REFUSED',
    `others can reach "${host}", and they could read and change the lab on its way; give --cert and --key, or --insecure to allow that`,
  )
}
