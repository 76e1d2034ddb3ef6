import { build } from 'esbuild'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { PeerCommand, PeerFigures, PeerProcessOptions } from './peer-process.ts'

/** Inside the repository, so that packages are found from there. */
const built = 'node_modules/.cache/millrace-fault/peer-process.mjs'

/** Builds what the processes of the fault kit run; once before any is started. */
export async function buildPeerProcess(): Promise<void> {
  await build({
    entryPoints: ['test/fault/peer-process.ts'],
    outfile: built,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  })
}

/** An instance in a process of its own, which can be stopped, frozen and killed. */
export class PeerProcess {
  readonly address: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, address: string) {
    this.#child = child
    this.address = address
  }

  /** Resolves when it listens and, with `to`, sends. `log`: an open file for the numbers that it takes. */
  static async start(options: PeerProcessOptions, execArgv: string[] = []): Promise<PeerProcess> {
    const { log } = options
    const told = JSON.stringify(log === undefined ? options : { ...options, log: 4 })
    const child = fork(built, [told], {
      execArgv,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', ...(log === undefined ? [] : [log])],
      serialization: 'advanced',
    })
    const [address] = (await once(child, 'message')) as [string]
    return new PeerProcess(child, address)
  }

  /** Tells it something, and answers how it stands after that. */
  async tell(command: PeerCommand): Promise<PeerFigures> {
    this.#child.send(command)
    const [figures] = (await once(this.#child, 'message')) as [PeerFigures]
    return figures
  }

  /** Looks ten times a second until something is true, for as long as given; the checks that follow say what is not. */
  async until(met: (figures: PeerFigures) => boolean, withinMs = 60_000): Promise<PeerFigures> {
    for (const endMs = performance.now() + withinMs; ;) {
      const figures = await this.tell({ type: 'look' })
      if (met(figures) || performance.now() > endMs) return figures
      await new Promise((done) => setTimeout(done, 100))
    }
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal)
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  stop(): Promise<void> {
    return this.#child.exitCode !== null || this.#child.signalCode !== null ? Promise.resolve() : this.kill()
  }
}
