import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { describeError, MillraceError, type ErrorCode } from '../../shared/index.ts'
import { formatAddress, isLoopback, isOwnHost, type Address } from '../address.ts'
import type { Listener, ListenerHandlers, ListenOptions } from '../transport.ts'

/** What a peer asks to be upgraded to. */
export const subprotocol = 'millrace.v1'
/** Who connects and then says nothing is let go after this. */
export const silentSocketMs = 5000

const maxBodyBytes = 64 * 1024

/** Listens for HTTP: answers requests, and hands over the upgrades that may become links. @throws MillraceError `PORT_IN_USE`, `BIND_REFUSED`. */
export async function openHttpDoor(
  options: ListenOptions,
  handlers: ListenerHandlers,
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): Promise<Listener> {
  const http = makeServer(options)
  http.setTimeout(silentSocketMs)
  http.on('clientError', (error, socket) => {
    // A silent or reset socket is no noise: scanners and browsers do that all day.
    if ('code' in error && error.code !== 'ECONNRESET' && error.code !== 'ERR_HTTP_REQUEST_TIMEOUT')
      handlers.noise('', error.message)
    socket.destroy()
  })
  http.on('request', (request, response) => {
    // Whoever hangs up in the middle needs no answer.
    request.on('error', () => response.destroy())
    response.on('error', () => response.destroy())
    void answer(request, response, options, handlers)
  })
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    const refusal = upgradeRefusal(request, options, handlers)
    if (refusal) refuseUpgrade(socket, refusal.status, refusal.reason)
    else upgrade(request, socket, head)
  })
  const { address: host, port } = await bind(http, options)
  return { host, port, stop: () => close(http) }
}

const serverLimits = {
  headersTimeout: silentSocketMs,
  requestTimeout: silentSocketMs,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16 * 1024,
}

/** @throws MillraceError `BIND_REFUSED` when certificate and key are none, or do not fit. */
function makeServer({ tls }: ListenOptions): Server {
  if (!tls) return createServer(serverLimits)
  try {
    const { cert, key } = tls
    const options = { cert, key, minVersion: 'TLSv1.3', handshakeTimeout: silentSocketMs, ...serverLimits } as const
    return createSecureServer(options)
  } catch (cause) {
    const reason = describeError(cause)
    throw new MillraceError('BIND_REFUSED', `certificate and key cannot be used: ${reason}`, { cause })
  }
}

function close(http: Server): Promise<void> {
  return new Promise((closed) => {
    http.close(() => closed())
    http.closeAllConnections()
  })
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
  const plainText = request.headers['sec-websocket-protocol'] === undefined && handlers.acceptText !== undefined
  if (!plainText && !offersSubprotocol(request))
    return { status: 400, reason: `only peers that speak ${subprotocol} link here` }
  const admission = handlers.admit(remoteOf(request))
  return admission.admitted ? undefined : { status: 503, reason: admission.reason }
}

/** Peers are no browsers: a page of the web may neither link nor ask. */
function foreignRequest(request: IncomingMessage, options: ListenOptions): string | undefined {
  if (request.headers.origin !== undefined) return 'requests of web pages are refused'
  if (!isOwnHost(request.headers.host, options.hostNames)) return 'the Host header names another machine'
  return undefined
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ListenOptions,
  handlers: ListenerHandlers,
): Promise<void> {
  const { status, text, contentType = 'application/json; charset=utf-8' } = await makeAnswer(request, options, handlers)
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly contentType?: string
}

async function makeAnswer(
  request: IncomingMessage,
  options: ListenOptions,
  handlers: ListenerHandlers,
): Promise<Answer> {
  try {
    const foreign = foreignRequest(request, options)
    const given = foreign ? '' : await bodyOf(request)
    if (foreign || given === undefined) request.resume()
    if (foreign) return { status: 403, text: errorText('FORBIDDEN', foreign) }
    if (given === undefined) return { status: 413, text: errorText('TOO_BIG', 'a request here has at most 64 KiB') }
    const { status, body, contentType } = await handlers.request({
      method: request.method ?? 'GET',
      path: pathOf(request),
      query: new URLSearchParams((request.url ?? '').split('?', 2)[1] ?? ''),
      body: given,
      remoteAddress: remoteOf(request),
      authorization: request.headers.authorization,
      loopback: isLoopback(request.socket.remoteAddress ?? ''),
    })
    if (contentType !== undefined) return { status, text: String(body), contentType }
    return { status, text: `${JSON.stringify(body)}\n` }
  } catch (error) {
    return { status: 500, text: errorText('NETWORK_STATE', `the answer cannot be made: ${describeError(error)}`) }
  }
}

/** The body of a POST, of others nothing; `undefined` when it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  if (request.method !== 'POST') {
    request.resume()
    return ''
  }
  const parts: Buffer[] = []
  let size = 0
  // Read to its end even if it is too long: who is hung up on in the middle never reads the answer. The time limit bounds it.
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size <= maxBodyBytes) parts.push(part)
  }
  return size > maxBodyBytes ? undefined : Buffer.concat(parts).toString('utf8')
}

function errorText(code: ErrorCode, message: string): string {
  return `${JSON.stringify({ error: { code, message } })}\n`
}

/** Answers an upgrade with an error, and hangs up. */
export function refuseUpgrade(socket: Duplex, status: number, reason: string): void {
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

/** Where a request came from, as `host:port`. */
export function remoteOf(request: IncomingMessage): string {
  const { remoteAddress = 'unknown', remotePort = 0 } = request.socket
  return formatAddress({ host: remoteAddress, port: remotePort })
}
