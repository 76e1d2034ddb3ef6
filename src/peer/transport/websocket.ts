import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import { describeError, MillraceError, type ErrorCode } from '../../shared/index.ts'
import { formatAddress, isLoopback, isOwnHost, type Address } from '../address.ts'
import type {
  Connection,
  ConnectionHandlers,
  Listener,
  ListenerHandlers,
  ListenOptions,
  Transport,
} from '../transport.ts'

const subprotocol = 'millrace.v1'
/** Who connects and then says nothing is let go after this. */
const silentSocketMs = 5000
/** What a side that has not proved itself may send; a handshake takes about 600 bytes. */
const strangerBytes = 16 * 1024
const lowWaterBytes = 256 * 1024

/** Compression fragments memory; the defaults for fragments let a stranger hold a lot of it. */
const limits = { perMessageDeflate: false, maxFragments: 64, maxBufferedChunks: 4096, closeTimeout: 1000 }

/** Links as binary WebSocket messages, with plain HTTP requests answered on the same port. */
export function createWebSocketTransport(): Transport {
  return {
    listen: (options, handlers) => listen(options, handlers),
    dial: (target, options) => dial(target, options),
  }
}

async function listen(options: ListenOptions, handlers: ListenerHandlers): Promise<Listener> {
  const http = createServer({
    headersTimeout: silentSocketMs,
    requestTimeout: silentSocketMs,
    connectionsCheckingInterval: 1000,
    maxHeaderSize: 16 * 1024,
  })
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
  http.setTimeout(silentSocketMs)
  http.on('clientError', (error, socket) => {
    // A silent or reset socket is no noise: scanners and browsers do that all day.
    if ('code' in error && error.code !== 'ECONNRESET' && error.code !== 'ERR_HTTP_REQUEST_TIMEOUT')
      handlers.noise('', error.message)
    socket.destroy()
  })
  http.on('request', (request, response) => answer(request, response, options, handlers))
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    const refusal = upgradeRefusal(request, options, handlers)
    if (refusal) return refuseUpgrade(socket, refusal.status, refusal.reason)
    return sockets.handleUpgrade(request, socket, head, (webSocket) => {
      handlers.accept(wrap(webSocket, socket, remoteOf(request)))
    })
  })
  const bound = await bind(http, options)
  return {
    host: bound.address,
    port: bound.port,
    stop: () =>
      new Promise((stopped) => {
        http.close(() => stopped())
        http.closeAllConnections()
      }),
  }
}

function bind(http: Server, { host, port }: ListenOptions): Promise<AddressInfo> {
  return new Promise((bound, failed) => {
    const refuse = (error: Error) => failed(bindError(error, { host, port }))
    http.once('error', refuse)
    http.listen({ host, port, exclusive: true }, () => {
      http.off('error', refuse)
      http.on('error', () => {})
      const address = http.address()
      if (address && typeof address === 'object') bound(address)
      else failed(bindError(new Error('no address'), { host, port }))
    })
  })
}

function bindError(cause: Error, address: Address): MillraceError {
  const where = formatAddress(address)
  const code = 'code' in cause ? cause.code : undefined
  if (code === 'EADDRINUSE')
    return new MillraceError(
      'PORT_IN_USE',
      `cannot listen on ${where}: another program listens on port ${address.port}; stop it or choose another port`,
      { cause },
    )
  const reason =
    code === 'EACCES'
      ? 'this port needs more rights'
      : code === 'EADDRNOTAVAIL'
        ? 'no such address here'
        : cause.message
  return new MillraceError('BIND_REFUSED', `cannot listen on ${where}: ${reason}`, { cause })
}

/** Undefined when the request may become a link. Nothing has been spent on it yet. */
function upgradeRefusal(
  request: IncomingMessage,
  options: ListenOptions,
  handlers: ListenerHandlers,
): { status: number; reason: string } | undefined {
  const foreign = foreignRequest(request, options)
  if (foreign) return { status: 403, reason: foreign }
  if (pathOf(request) !== '/') return { status: 404, reason: 'peers link at /' }
  if (!offersSubprotocol(request)) return { status: 400, reason: `only peers that speak ${subprotocol} link here` }
  const admission = handlers.admit(remoteOf(request))
  return admission.admitted ? undefined : { status: 503, reason: admission.reason }
}

/** Peers are no browsers: a page of the web may neither link nor ask. */
function foreignRequest(request: IncomingMessage, options: ListenOptions): string | undefined {
  if (request.headers.origin !== undefined) return 'requests of web pages are refused'
  if (!isOwnHost(request.headers.host, options.hostNames)) return 'the Host header names another machine'
  return undefined
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ListenOptions,
  handlers: ListenerHandlers,
): void {
  // What a body may hold is of no interest to any route.
  request.resume()
  const { status, text } = makeAnswer(request, options, handlers)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}

function makeAnswer(
  request: IncomingMessage,
  options: ListenOptions,
  handlers: ListenerHandlers,
): { status: number; text: string } {
  try {
    const foreign = foreignRequest(request, options)
    if (foreign) return { status: 403, text: errorText('FORBIDDEN', foreign) }
    const { status, body } = handlers.request({
      method: request.method ?? 'GET',
      path: pathOf(request),
      authorization: request.headers.authorization,
      loopback: isLoopback(request.socket.remoteAddress ?? ''),
    })
    return { status, text: `${JSON.stringify(body)}\n` }
  } catch (error) {
    return { status: 500, text: errorText('NETWORK_STATE', `the answer cannot be made: ${describeError(error)}`) }
  }
}

function errorText(code: ErrorCode, message: string): string {
  return `${JSON.stringify({ error: { code, message } })}\n`
}

function refuseUpgrade(socket: Duplex, status: number, reason: string): void {
  const text = `${JSON.stringify({ error: { message: reason } })}\n`
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/'
}

function offersSubprotocol(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol'] ?? ''
  return offered.split(',').some((name) => name.trim() === subprotocol)
}

function remoteOf(request: IncomingMessage): string {
  const { remoteAddress = 'unknown', remotePort = 0 } = request.socket
  return formatAddress({ host: remoteAddress, port: remotePort })
}

function dial(target: Address, options: { maxPacketBytes: number; signal: AbortSignal }): Promise<Connection> {
  const where = formatAddress(target)
  return new Promise((connected, failed) => {
    const socket = new WebSocket(`ws://${where}/`, subprotocol, {
      ...limits,
      maxPayload: options.maxPacketBytes,
      followRedirects: false,
      handshakeTimeout: silentSocketMs,
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
      connected(wrap(socket, raw, where))
    })
    if (options.signal.aborted) abort()
    else options.signal.addEventListener('abort', abort, { once: true })
  })
}

function dialError(cause: Error, where: string): MillraceError {
  const code = 'code' in cause ? String(cause.code) : ''
  const reason = code === 'ECONNREFUSED' ? 'nothing listens there' : cause.message
  return new MillraceError('PEER_UNREACHABLE', `no peer answers at ${where}: ${reason}`, { cause })
}

function refusedText(where: string, response: IncomingMessage): string {
  return response.statusCode === 503
    ? `${where} takes no more links now`
    : `${where} answers HTTP ${response.statusCode}: is it the peer port of an instance?`
}

function wrap(socket: WebSocket, raw: Duplex | undefined, remoteAddress: string): Connection {
  let handlers: ConnectionHandlers | undefined
  // Bytes and an end that came before `start`; at most what one read brings.
  const early: (() => void)[] = []
  const report = (run: (to: ConnectionHandlers) => void) => {
    if (handlers) run(handlers)
    else early.push(() => handlers && run(handlers))
  }
  socket.on('error', () => socket.terminate())
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (isBinary && data instanceof Uint8Array) report((to) => to.message(data))
    else socket.close(1003, 'only binary messages are understood')
  })
  socket.on('close', (code: number, reason: Buffer) => report((to) => to.closed(code, reason.toString('utf8'))))
  const sent = () => {
    if (socket.bufferedAmount < lowWaterBytes) report((to) => to.drained())
  }
  const trust = limitStranger(socket, raw)
  return {
    remoteAddress,
    trust,
    loopback: isLoopback(hostOf(remoteAddress)),
    encrypted: false,
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    start(given) {
      handlers = given
      for (const run of early.splice(0)) run()
    },
    send(bytes) {
      if (socket.readyState !== socket.OPEN) return
      // Only who fills the buffer needs to hear that it has emptied.
      if (socket.bufferedAmount + bytes.length < lowWaterBytes) socket.send(bytes, { binary: true })
      else socket.send(bytes, { binary: true }, sent)
    },
    close: (code, reason) => socket.close(code, Buffer.from(reason).subarray(0, 120)),
    terminate: () => socket.terminate(),
  }
}

/** `maxPayload` cannot be raised later, so bytes are counted below it. Returns what ends the limit. */
function limitStranger(socket: WebSocket, raw: Duplex | undefined): () => void {
  let received = 0
  const count = (chunk: Uint8Array) => {
    received += chunk.length
    if (received > strangerBytes) socket.terminate()
  }
  raw?.on('data', count)
  return () => void raw?.off('data', count)
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
}
