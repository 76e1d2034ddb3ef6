import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import { describeError, MillraceError } from '../../shared/index.ts'
import { formatAddress, isLoopback, type Address } from '../address.ts'
import {
  plainBinding,
  type Connection,
  type ConnectionHandlers,
  type Listener,
  type ListenerHandlers,
  type ListenOptions,
  type TextConnection,
  type TextHandlers,
  type TlsTrust,
  type Transport,
} from '../transport.ts'
import { bindingOf, connectSecurely } from './secure-socket.ts'
import { FrameReader } from './frame-reader.ts'
import { openHttpDoor, refuseUpgrade, remoteOf, silentSocketMs, subprotocol } from './http-door.ts'

/** What a side that has not proved itself may send; a handshake takes about 600 bytes. */
const strangerBytes = 16 * 1024
const lowWaterBytes = 256 * 1024
/** Up to here a packet is copied behind its header, so that it is one write: measured, less work than the two that `ws` makes of it. */
const wholeBytes = 4096

/** Compression fragments memory; the defaults for fragments let a stranger hold a lot of it. */
const limits = { perMessageDeflate: false, maxFragments: 64, maxBufferedChunks: 4096, closeTimeout: 1000 }

/**
 * Links as binary WebSocket messages, with plain HTTP requests answered on the same port. `masking`: what is dialled is masked, as the
 * protocol wants it for the sake of proxies between, only where there can be one (default), or `always`. On this machine and inside
 * TLS the mask is zero, which costs nothing on either side.
 */
export function createWebSocketTransport({ masking = 'where-needed' }: { masking?: Masking } = {}): Transport {
  return {
    listen: (options, handlers) => listen(options, handlers, masking),
    dial: (target, options) => dial(target, { ...options, masking }),
    dialText: (target, options) => dialText(target, options),
  }
}

function listen(options: ListenOptions, handlers: ListenerHandlers, masking: Masking): Promise<Listener> {
  const sockets = new WebSocketServer({
    noServer: true,
    ...limits,
    maxPayload: options.maxPacketBytes,
    clientTracking: false,
    handleProtocols: (protocols) => (protocols.has(subprotocol) ? subprotocol : false),
  })
  sockets.on('error', (error) => handlers.noise('', describeError(error)))
  sockets.on('wsClientError', (error, socket, request) => {
    handlers.noise(remoteOf(request), error.message)
    refuseUpgrade(socket, 400, 'this is no WebSocket handshake')
  })
  return openHttpDoor(options, handlers, (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const from = remoteOf(request)
      if (webSocket.protocol === subprotocol)
        handlers.accept(
          wrap(webSocket, socket, {
            remoteAddress: from,
            header: masking === 'always' ? undefined : 'plain',
            maxPacketBytes: options.maxPacketBytes,
          }),
        )
      else handlers.acceptText?.(wrapText(webSocket, from))
    }),
  )
}

function dialText(target: Address, { maxPacketBytes }: { maxPacketBytes: number }): Promise<TextConnection> {
  const where = formatAddress(target)
  return new Promise((connected, failed) => {
    const socket = new WebSocket(`ws://${where}/`, {
      ...limits,
      maxPayload: maxPacketBytes,
      followRedirects: false,
      handshakeTimeout: silentSocketMs,
    })
    socket.on('error', (error) => failed(dialError(error, where)))
    socket.once('open', () => connected(wrapText(socket, where)))
  })
}

type Masking = 'where-needed' | 'always'

interface DialParts {
  readonly masking: Masking
  readonly maxPacketBytes: number
  readonly signal: AbortSignal
  readonly tls?: TlsTrust
}

async function dial(target: Address, options: DialParts): Promise<Connection> {
  // The certificate is looked at before the peer hears a word.
  const secured = options.tls ? await connectSecurely(target, options.tls, { signal: options.signal }) : undefined
  return upgrade(target, options, secured)
}

function upgrade(target: Address, options: DialParts, secured: TLSSocket | undefined): Promise<Connection> {
  const where = formatAddress(target)
  const needsMask = options.masking === 'always' || (!secured && !isLoopback(target.host))
  return new Promise((connected, failed) => {
    const socket = new WebSocket(`ws://${where}/`, subprotocol, {
      ...limits,
      ...(!needsMask && { generateMask: leaveZero }),
      maxPayload: options.maxPacketBytes,
      followRedirects: false,
      handshakeTimeout: silentSocketMs,
      ...(secured && { createConnection: () => secured }),
    })
    const fail = (error: MillraceError) => {
      options.signal.removeEventListener('abort', abort)
      socket.terminate()
      failed(error)
    }
    const abort = () => fail(new MillraceError('PEER_UNREACHABLE', `dialling ${where} was given up`))
    // Stays for good: an error without a listener would end the process.
    socket.on('error', (error) => fail(dialError(error, where)))
    socket.once('unexpected-response', (_request, response) => {
      response.resume()
      fail(new MillraceError('LINK_REFUSED', refusedText(where, response)))
    })
    let raw: Duplex | undefined
    socket.once('upgrade', (response) => {
      raw = response.socket
    })
    socket.once('open', () => {
      options.signal.removeEventListener('abort', abort)
      const { maxPacketBytes } = options
      const header = needsMask ? undefined : 'zero-masked'
      connected(wrap(socket, raw, { remoteAddress: where, header, maxPacketBytes }))
    })
    if (options.signal.aborted) abort()
    else options.signal.addEventListener('abort', abort, { once: true })
  })
}

function leaveZero(): void {}

function dialError(cause: Error, where: string): MillraceError {
  const code = 'code' in cause ? String(cause.code) : ''
  const reason =
    code === 'ECONNREFUSED'
      ? 'nothing listens there'
      : code === 'ECONNRESET'
        ? 'it ended the connection at once; if it speaks TLS, dial it as wss:// or with its fingerprint'
        : code.startsWith('HPE_')
          ? 'what listens there is another program'
          : cause.message
  return new MillraceError('PEER_UNREACHABLE', `no peer answers at ${where}: ${reason}`, { cause })
}

function refusedText(where: string, response: IncomingMessage): string {
  return response.statusCode === 503
    ? `${where} takes no more links now`
    : `${where} answers HTTP ${response.statusCode}: is it the peer port of an instance?`
}

/** How a packet that is written past `ws` begins; absent where `ws` has to mask it. */
type Header = 'plain' | 'zero-masked' | undefined

function wrap(
  socket: WebSocket,
  raw: Duplex | undefined,
  { remoteAddress, header, maxPacketBytes }: { remoteAddress: string; header: Header; maxPacketBytes: number },
): Connection {
  let handlers: ConnectionHandlers | undefined
  // Bytes and an end that came before `start`; at most what one read brings.
  const early: (() => void)[] = []
  const report = (run: (to: ConnectionHandlers) => void) => {
    if (handlers) run(handlers)
    else early.push(() => handlers && run(handlers))
  }
  socket.on('error', () => socket.terminate())
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (isBinary && data instanceof Uint8Array) {
      if (handlers) handlers.message(data)
      else early.push(() => handlers?.message(data))
    } else socket.close(1003, 'only binary messages are understood')
  })
  socket.on('close', (code: number, reason: Buffer) => report((to) => to.closed(code, reason.toString('utf8'))))
  const sent = () => {
    if (socket.bufferedAmount < lowWaterBytes) report((to) => to.drained())
  }
  const frames = { masked: header === 'plain', maxBytes: maxPacketBytes }
  const reader = raw && header && new FrameReader(raw, frames, (bytes) => handlers?.message(bytes))
  const endLimit = limitStranger(socket, raw)
  return {
    remoteAddress,
    trust() {
      endLimit()
      reader?.trust()
    },
    loopback: isLoopback(hostOf(remoteAddress)),
    encrypted: raw instanceof TLSSocket,
    binding: raw instanceof TLSSocket ? bindingOf(raw) : plainBinding,
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    start(given) {
      handlers = given
      for (const run of early.splice(0)) run()
    },
    send(bytes, body) {
      if (socket.readyState !== socket.OPEN) return
      const length = bytes.length + (body?.length ?? 0)
      // Only who fills the buffer needs to hear that it has emptied.
      const told = socket.bufferedAmount + length < lowWaterBytes ? undefined : sent
      if (raw && header && bytes.length < wholeBytes) writePast(raw, header, { bytes, body, told })
      else socket.send(body ? Buffer.concat([bytes, body]) : bytes, { binary: true }, told)
    },
    close: (code, reason) => socket.close(code, Buffer.from(reason).subarray(0, 120)),
    terminate: () => socket.terminate(),
  }
}

/** Writes a packet as `ws` would: short bytes behind their header in one piece, and behind them the body as it is. */
function writePast(
  raw: Duplex,
  header: Exclude<Header, undefined>,
  { bytes, body, told }: { bytes: Uint8Array; body: Uint8Array | undefined; told: (() => void) | undefined },
): void {
  const begun = beginFrame(bytes, bytes.length + (body?.length ?? 0), header)
  if (!body) return void raw.write(begun, told)
  raw.cork()
  raw.write(begun)
  raw.write(body, told)
  raw.uncork()
}

/** A binary message of this length in one frame (RFC 6455, 5.2), as far as its first bytes. */
function beginFrame(bytes: Uint8Array, length: number, header: Exclude<Header, undefined>): Buffer {
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const maskBytes = header === 'plain' ? 0 : 4
  const headerBytes = 2 + lengthBytes + maskBytes
  const frame = Buffer.allocUnsafe(headerBytes + bytes.length)
  frame[0] = 0x82
  frame[1] = (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127) | (maskBytes === 0 ? 0 : 0x80)
  if (lengthBytes === 2) frame.writeUInt16BE(length, 2)
  else if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2)
  // On this machine and inside TLS the mask is zero.
  if (maskBytes > 0) frame.writeUInt32BE(0, headerBytes - 4)
  frame.set(bytes, headerBytes)
  return frame
}

/** `maxPayload` cannot be raised later, so bytes are counted below it. Returns what ends the limit. */
function limitStranger(socket: WebSocket, raw: Duplex | undefined): () => void {
  let received = 0
  let trusted = false
  const count = (chunk: Uint8Array) => {
    received += chunk.length
    // Asked last: what came in one piece with the proof was handed over before it is counted here.
    if (received > strangerBytes && !trusted) socket.terminate()
  }
  raw?.on('data', count)
  return () => {
    trusted = true
    raw?.off('data', count)
  }
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
}

/** A WebSocket that carries text, as the Reflow dialect does. */
function wrapText(socket: WebSocket, remoteAddress: string): TextConnection {
  let handlers: TextHandlers | undefined
  socket.on('error', () => socket.terminate())
  socket.on('message', (data: RawData, isBinary: boolean) => {
    // As Reflow does: what is binary is none of this dialect.
    if (!isBinary) handlers?.message(textOf(data))
  })
  socket.on('close', () => handlers?.closed())
  const sent = () => {
    if (socket.bufferedAmount < lowWaterBytes) handlers?.drained()
  }
  return {
    remoteAddress,
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    start(given) {
      handlers = given
    },
    send(text) {
      if (socket.readyState === socket.OPEN) socket.send(text, { binary: false }, sent)
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: (code, reason) => {
      socket.resume()
      socket.close(code, reason)
    },
    terminate: () => socket.terminate(),
  }
}

function textOf(data: RawData): string {
  if (Buffer.isBuffer(data)) return data.toString('utf8')
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data).toString('utf8')
}
