import { constants } from 'node:os'
import type { Environment } from '../graph/index.ts'

/** The world of a command: what it may print to, and who may interrupt it. */
export interface Console {
  /** Prints a line on standard output. */
  print(line: string): void
  /** Prints a line on standard error. */
  complain(line: string): void
  /** Shows a line on the terminal in place of the last one shown so; an empty one takes it away. Only where a person reads standard error. */
  progress(line: string): void
  /** Whether a person reads standard output, with colours. */
  readonly colours: boolean
  /** Whether a person sits at the keyboard. */
  readonly interactive: boolean
  readonly env: Environment
  /** Calls back for every Ctrl-C, `SIGTERM`, `SIGHUP`, and once when nobody reads standard output any more; returns its undo. */
  onInterrupt(listener: (why: Interrupt) => void): () => void
  /** Calls back for every line that is typed; returns its undo. */
  onLine(listener: (line: string) => void): () => void
  /** Resolves when everything printed has left the process. */
  flush(): Promise<void>
}

/** Why a command should come to its end; `code` is the exit code when it has to go at once. */
export interface Interrupt {
  reason: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'reader gone'
  code: number
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** npm passes on the Ctrl-C that its child has had from the terminal itself: within this time two are one. */
const sameInterruptMs = 250

/** The part of a process that a console needs. */
export type HostProcess = Pick<NodeJS.Process, 'stdout' | 'stderr' | 'stdin' | 'env'> &
  Pick<NodeJS.EventEmitter, 'on' | 'off'>

/** Joins a console to a process. Call it once: it watches the process's streams for their whole life. `now` is in milliseconds. */
export function createConsole(host: HostProcess, now: () => number = () => performance.now()): Console {
  const { stdout, stderr, stdin, env } = host
  const listeners = new Set<(why: Interrupt) => void>()
  let readerGone = false
  const tell = (why: Interrupt) => {
    for (const listener of listeners) listener(why)
  }
  // `millrace run … | head` closes the pipe: that is no error, and there is nobody left to print to.
  stdout.on('error', () => {
    if (readerGone) return
    readerGone = true
    tell({ reason: 'reader gone', code: 0 })
  })
  stderr.on('error', () => undefined)
  return {
    print(line) {
      if (!readerGone) stdout.write(`${line}\n`)
    },
    complain: (line) => void stderr.write(`${line}\n`),
    progress(line) {
      if (stderr.isTTY === true) stderr.write(`\r\u001b[K${line}`)
    },
    colours: stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
    interactive: stdin.isTTY === true,
    env,
    onInterrupt(listener) {
      let lastMs = -Infinity
      const undo = signals.map((reason) => {
        const handler = () => {
          const isSame = now() - lastMs < sameInterruptMs
          lastMs = now()
          if (!isSame) listener({ reason, code: 128 + constants.signals[reason] })
        }
        host.on(reason, handler)
        return () => host.off(reason, handler)
      })
      listeners.add(listener)
      if (readerGone) queueMicrotask(() => listener({ reason: 'reader gone', code: 0 }))
      return () => {
        listeners.delete(listener)
        for (const off of undo) off()
      }
    },
    onLine(listener) {
      let rest = ''
      const take = (chunk: Buffer) => {
        const lines = `${rest}${chunk.toString('utf8')}`.split('\n')
        rest = (lines.pop() ?? '').slice(-1_000)
        for (const line of lines) listener(line.trim())
      }
      stdin.on('data', take)
      return () => {
        stdin.off('data', take)
        stdin.pause()
      }
    },
    async flush() {
      await Promise.all([drained(stdout), drained(stderr)])
    },
  }
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve()
    else stream.write('', () => resolve())
  })
}
