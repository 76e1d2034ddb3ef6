import { spawn } from 'node:child_process'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError, MillraceError } from '../shared/index.ts'
import { filePath, program } from './access.ts'
import { choice, count, duration } from './fields.ts'
import { textOf } from './text-of.ts'

const config = v.object({
  command: v.pipe(
    program(),
    v.description('the program: a path, or a name that is looked up in PATH; no shell reads it'),
  ),
  args: v.optional(v.pipe(v.array(v.string()), v.description('its arguments, each as it is')), []),
  folder: v.optional(v.pipe(filePath(), v.description('the folder it runs in; that of the lab when absent'))),
  input: v.optional(choice(['stdin', 'none'], 'whether it gets the message as its standard input'), 'stdin'),
  timeoutMs: v.optional(duration('it is killed after this time'), 30_000),
  maxOutputBytes: v.optional(count('it is killed when it writes more', { most: 64 * 1024 * 1024 }), 1024 * 1024),
})

/** What came of one run. */
export interface ExecResult {
  /** The exit code; `null` when a signal ended it. */
  code: number | null
  signal: string | null
  stdout: string
  stderr: string
  tookMs: number
}

const usualPath = process.platform === 'win32' ? 'C:\\Windows\\System32' : '/usr/local/bin:/usr/bin:/bin'

/** Runs a program once per message, one at a time, without a shell. Refused unless a person allowed it with `--allow-exec`. */
export const exec = defineActor({
  name: 'Exec',
  description:
    'Runs a program for each message; only with --allow-exec. It sees the variables that env_vars names, and PATH.',
  inports: { Input: { capacity: 100, description: 'the standard input of the program: text, bytes, else JSON' } },
  outports: { Output: { kind: 'object', description: 'code, signal, stdout, stderr and tookMs of the run' } },
  config,
  start: () => undefined,
  async run({ inputs, config: settings, env, signal, reject }) {
    const variables = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const outcome = await runProgram(
      settings,
      inputs.Input,
      { PATH: usualPath, ...Object.fromEntries(variables) },
      signal,
    )
    // Whatever it has done is done: running it again by itself would do it twice.
    if (typeof outcome === 'string') return reject(outcome)
    return { Output: { ...outcome } }
  },
})

type Settings = v.InferOutput<typeof config>

/** Runs it; gives its result, or in words why it was killed. Throws when it could not be started. */
async function runProgram(
  { command, args, folder, input, timeoutMs, maxOutputBytes }: Settings,
  message: unknown,
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<ExecResult | string> {
  const startedMs = performance.now()
  const child = spawn(command, args, {
    ...(folder !== undefined && { cwd: folder }),
    env,
    stdio: 'pipe',
    windowsHide: true,
  })
  let killedFor: string | undefined
  const kill = (why: string) => {
    killedFor ??= why
    child.kill('SIGKILL')
  }
  const stop = () => kill(`"${command}" was killed: the node stopped`)
  const timer = setTimeout(() => kill(`"${command}" was killed: it took longer than ${timeoutMs} ms`), timeoutMs)
  signal.addEventListener('abort', stop, { once: true })
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  let bytes = 0
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxOutputBytes) kill(`"${command}" was killed: it wrote more than ${maxOutputBytes} bytes`)
      else output[name].push(chunk)
    })
  }
  // A program that does not read its input may end before all of it is written.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input === 'stdin' ? textOf(message) : undefined)
  try {
    const [code, by] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, refuse) => {
      child.once('error', refuse)
      child.once('close', (...end) => resolve(end))
    })
    if (killedFor !== undefined) return killedFor
    const read = (chunks: Buffer[]) => Buffer.concat(chunks).toString()
    const tookMs = Math.round(performance.now() - startedMs)
    return { code, signal: by, stdout: read(output.stdout), stderr: read(output.stderr), tookMs }
  } catch (cause) {
    throw new MillraceError('FILE_NOT_FOUND', `cannot run "${command}": ${describeError(cause)}`, { cause })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}
