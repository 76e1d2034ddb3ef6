import { createInterface } from 'node:readline'
import type { Isolation } from '../shared/index.ts'
import type { FromInstance, ToInstance } from './instance-protocol.ts'

/** Where one run of an instance lives. A host is used once: a restart makes a new one. */
export interface InstanceHost {
  readonly isolation: Isolation
  post(message: ToInstance): void
  /** Ends it at once, whatever it does; resolves when it is gone. Safe to call twice. */
  terminate(): Promise<void>
}

/** What a host tells of the run inside it. */
export interface HostEvents {
  message(message: FromInstance): void
  /** A line that something in there wrote to the standard output or error, such as an actor that uses `console`. */
  output(stream: OutputStream, line: string): void
  /** It is gone. `cause` says why in words; it is undefined for an end that was asked for. */
  exit(cause: string | undefined): void
}

export type OutputStream = 'stdout' | 'stderr'

/** The part of a child process that a host needs; Node's `fork` and Electron's `utilityProcess` both fit. */
export interface ChildLike {
  postMessage(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  readonly stdout: NodeJS.ReadableStream | null
  readonly stderr: NodeJS.ReadableStream | null
  /** `signal` names what killed it, if anything did. */
  onExit(listener: (code: number | undefined, signal: string | undefined) => void): void
  kill(): void
}

/** Starts a Node process that runs a file and can be talked to. */
export type SpawnProcess = (file: string, options: { env: Record<string, string>; name: string }) => ChildLike

/** Tells what a host writes to its standard streams, line by line. */
export function followOutput(source: Pick<ChildLike, 'stdout' | 'stderr'>, events: Pick<HostEvents, 'output'>): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const input = source[stream]
    if (input !== null)
      createInterface({ input, crlfDelay: Infinity }).on('line', (line) => events.output(stream, line))
  }
}
