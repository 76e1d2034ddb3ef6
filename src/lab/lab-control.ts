import { createHash } from 'node:crypto'
import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import path from 'node:path'
import * as v from 'valibot'
import {
  assertNever,
  describeError,
  errorCodes,
  isMillraceError,
  MillraceError,
  type ErrorCode,
} from '../shared/index.ts'
import type { LabLinks } from './lab-links.ts'

const longestLine = 64 * 1024
const answerWithinMs = 10_000
/** The shortest limit of the systems that Node runs on (macOS). */
const longestPath = 103

const requestSchema = v.variant('command', [
  v.object({ command: v.literal('tokens'), instance: v.string() }),
  v.object({ command: v.literal('addToken'), instance: v.string(), token: v.pipe(v.string(), v.minLength(1)) }),
  v.object({ command: v.literal('retireToken'), instance: v.string(), key: v.string() }),
  v.object({ command: v.literal('dialWith'), instance: v.string(), endpoint: v.string(), token: v.string() }),
])
/** What another process of the same user may ask of a running lab. */
export type ControlRequest = v.InferOutput<typeof requestSchema>

const answerSchema = v.union([
  v.object({ keys: v.array(v.string()) }),
  v.object({ error: v.object({ code: v.string(), message: v.string() }) }),
])

/** Where the lab that holds this lock is reached: a socket beside it, or a named pipe on Windows. */
export function controlPath(lockFile: string): string {
  const sum = createHash('sha256').update(lockFile).digest('hex').slice(0, 16)
  return process.platform === 'win32'
    ? `\\\\.\\pipe\\millrace-${sum}`
    : path.join(path.dirname(lockFile), `${sum}.socket`)
}

/** Lets other processes of this user change the tokens of a running lab; returns what ends that. To be called by whoever holds the lock. */
export function serveControl(lockFile: string, links: LabLinks, warn: (text: string) => void): () => void {
  const place = controlPath(lockFile)
  const failed = (reason: string) => warn(`millrace token cannot reach this lab: ${reason}`)
  if (place.length > longestPath && process.platform !== 'win32') {
    failed(`${place} is too long a path for a socket`)
    return () => undefined
  }
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy())
    readLine(socket, (line) => void answer(line, links).then((said) => socket.end(`${JSON.stringify(said)}\n`)))
  })
  server.on('error', (error) => failed(describeError(error)))
  // Left by one that was ended by force, since the lock is ours.
  if (process.platform !== 'win32') rmSync(place, { force: true })
  server.listen(place, () => {
    if (process.platform !== 'win32') chmodSync(place, 0o600)
  })
  // A lab ends when its instances do.
  server.unref()
  return () => {
    server.close()
    for (const socket of open) socket.destroy()
  }
}

/** Asks the lab that holds this lock; answers the key ids that the instance accepts then. Throws `LAB_NOT_RUNNING`, `TIMEOUT`, or what the lab threw. */
export function askControl(lockFile: string, lab: string, request: ControlRequest): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(controlPath(lockFile))
    const fail = (code: ErrorCode, message: string) => {
      socket.destroy()
      reject(new MillraceError(code, message))
    }
    socket.setTimeout(answerWithinMs, () =>
      fail('TIMEOUT', `the process that runs ${lab} did not answer within ${answerWithinMs / 1_000} s`),
    )
    socket.on('error', () => fail('LAB_NOT_RUNNING', notRunning(lab)))
    socket.on('close', () => fail('LAB_NOT_RUNNING', notRunning(lab)))
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`))
    readLine(socket, (line) => {
      const reading = v.safeParse(answerSchema, parsed(line))
      if (!reading.success) return fail('PROTOCOL_ERROR', `the process that runs ${lab} is of another version`)
      socket.destroy()
      if ('keys' in reading.output) return resolve(reading.output.keys)
      const { code, message } = reading.output.error
      return reject(
        new MillraceError(Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'LAB_NOT_RUNNING', message),
      )
    })
  })
}

async function answer(line: string, links: LabLinks): Promise<v.InferOutput<typeof answerSchema>> {
  try {
    const reading = v.safeParse(requestSchema, parsed(line))
    if (!reading.success)
      throw new MillraceError('USAGE', 'the lab that runs is of another version and does not know this')
    return { keys: await perform(reading.output, links) }
  } catch (error) {
    const { code, message } = isMillraceError(error) ? error : { code: 'USAGE', message: describeError(error) }
    return { error: { code, message } }
  }
}

async function perform(request: ControlRequest, links: LabLinks): Promise<string[]> {
  const { instance } = request
  switch (request.command) {
    case 'tokens':
      return await links.keysOf(instance)
    case 'addToken':
      return await links.addToken(instance, request.token)
    case 'retireToken':
      return await links.retireToken(instance, request.key)
    case 'dialWith':
      await links.changePeerTokens(instance, request.endpoint, { token: request.token })
      return await links.keysOf(instance)
    default:
      return assertNever(request)
  }
}

function notRunning(lab: string): string {
  return `no process of yours runs ${lab} at ports of its own; start it, trust it if its window asks, and give --port-base if it was started with one`
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Calls back with the first line; ends who sends a longer one than there is. */
function readLine(socket: Socket, take: (line: string) => void): void {
  let text = ''
  socket.setEncoding('utf8')
  const read = (chunk: string) => {
    text += chunk
    const end = text.indexOf('\n')
    if (end === -1 && text.length > longestLine) return void socket.destroy()
    if (end === -1) return
    socket.off('data', read)
    take(text.slice(0, end))
  }
  socket.on('data', read)
}
