import * as v from 'valibot'
import { WebSocket } from 'ws'
import { defineActor } from '../runtime/index.ts'
import { describeError } from '../shared/index.ts'
import { remoteUrl } from './access.ts'
import { choice, count, duration } from './fields.ts'
import { textOf } from './text-of.ts'

const config = v.object({
  url: v.pipe(remoteUrl('ws:', 'wss:'), v.description('the server')),
  read: v.optional(
    choice(['auto', 'text', 'bytes', 'json'], 'what text frames become; auto is text, and bytes stay bytes'),
    'auto',
  ),
  maxBytes: v.optional(count('a larger frame ends the connection', { most: 64 * 1024 * 1024 }), 1024 * 1024),
  retryMs: v.optional(duration('how long it waits before it connects again; at most ten times as long'), 1_000),
})

interface State {
  socket: WebSocket | undefined
  /** Sends that wait for a connection. */
  wakers: (() => void)[]
}

/** Stays connected to a WebSocket server. While its messages are not taken it reads no more; while there is no connection, what it shall send waits. */
export const websocketClient = defineActor({
  name: 'WebSocketClient',
  description: 'Stays connected to a WebSocket server: sends what it gets, emits what comes.',
  inports: { Send: { description: 'text, bytes, else JSON' } },
  outports: { Message: { capacity: 1 }, Status: { kind: 'object', description: '{connected, reason}' } },
  config,
  state: (): State => ({ socket: undefined, wakers: [] }),
  start({ config: settings, state, out, signal, log }) {
    let attempt = 0
    let timer: NodeJS.Timeout | undefined
    const tell = (status: { connected: boolean; reason: string }) => {
      try {
        out.Status.send(status)
      } catch (error) {
        log.warn(`its status is not taken: ${describeError(error)}`)
      }
    }
    const connect = () => {
      const socket = new WebSocket(settings.url, { maxPayload: settings.maxBytes, handshakeTimeout: 10_000 })
      let reason = ''
      let waiting = 0
      socket.on('open', () => {
        attempt = 0
        state.socket = socket
        for (const wake of state.wakers.splice(0)) wake()
        tell({ connected: true, reason: '' })
      })
      socket.on('message', (data: Buffer, isBinary: boolean) => {
        const sent = deliver(data, isBinary)
        if (sent === undefined) return
        // Back pressure: what has been read already (64 KiB at most) still comes; more only when all of it has found room.
        waiting += 1
        socket.pause()
        const goOn = () => {
          waiting -= 1
          if (waiting === 0) socket.resume()
        }
        // Asked at once: only a send that somebody awaits lets the next one wait too.
        sent.then(goOn, (error: unknown) => {
          log.error(describeError(error))
          goOn()
        })
      })
      socket.on('error', (error) => (reason = describeError(error)))
      socket.on('close', (code, text) => {
        const wasOpen = state.socket === socket
        state.socket = undefined
        if (signal.aborted) return
        const why = reason || text.toString() || `closed with code ${code}`
        if (wasOpen || attempt === 0) tell({ connected: false, reason: why })
        timer = setTimeout(connect, settings.retryMs * Math.min(2 ** attempt++, 10))
      })
      return socket
    }
    const deliver = (data: Buffer, isBinary: boolean) => {
      if (isBinary || settings.read === 'bytes') return out.Message.send(new Uint8Array(data))
      const frame = data.toString()
      if (settings.read !== 'json') return out.Message.send(frame)
      const value = parseJson(frame)
      if (value === undefined) log.warn(`a frame is not JSON: ${frame.slice(0, 100)}`)
      return value === undefined ? undefined : out.Message.send(value)
    }
    let last = connect()
    return async () => {
      clearTimeout(timer)
      last = state.socket ?? last
      if (last.readyState === WebSocket.CLOSED) return
      await new Promise<void>((resolve) => {
        last.once('close', () => resolve())
        last.resume()
        last.close(1000)
        setTimeout(() => last.terminate(), 500).unref()
      })
    }
  },
  async run({ inputs, state, signal, reject }) {
    while (state.socket?.readyState !== WebSocket.OPEN) {
      if (signal.aborted) return reject('the node stopped before there was a connection')
      await new Promise<void>((resolve) => {
        state.wakers.push(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    const { socket } = state
    // Done when the system has taken it, so that a slow server holds our sources up.
    await new Promise<void>((resolve, refuse) => {
      socket.send(textOf(inputs.Send), (error) => (error ? refuse(error) : resolve()))
    })
  },
})

/** The value of a JSON text; `undefined` when it is none. */
function parseJson(frame: string): unknown {
  try {
    return JSON.parse(frame) as unknown
  } catch {
    // Said in the log by whoever asked.
    return undefined
  }
}
