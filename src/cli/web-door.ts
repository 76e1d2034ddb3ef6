import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { hostname } from 'node:os'
import type { Duplex } from 'node:stream'
import { contentPolicy, ContractSockets, readWindowFile, type Lab } from '../lab/index.ts'
import { describeError, MillraceError } from '../shared/index.ts'
import { Sessions } from './sessions.ts'
import { cookieOf, isOwnHost, isOwnOrigin, urlOf } from './web-request.ts'

/** How a lab is served to browsers. */
export interface WebDoorOptions {
  lab: Lab
  rendererDir: string
  host: string
  /** 0 is any free port. */
  port: number
  /** Key and certificate, as PEM; plain HTTP without. */
  tls?: { key: Buffer; cert: Buffer }
}

/** The lab's window over HTTP, for those who were given a URL. Begin with `listen`. */
export class WebDoor {
  readonly #options: WebDoorOptions
  readonly #server: Server
  readonly #sessions = new Sessions()
  #sockets: ContractSockets
  #lab: Lab
  readonly #ownNames: ReadonlySet<string>
  #stopped: Promise<void> | undefined

  constructor(options: WebDoorOptions) {
    this.#options = options
    this.#lab = options.lab
    this.#sockets = new ContractSockets(options.lab)
    this.#ownNames = new Set(['localhost', hostname().toLowerCase(), options.host.toLowerCase()])
    const answer = (request: IncomingMessage, response: ServerResponse) => void this.#answer(request, response)
    this.#server = options.tls ? secureServer(options.tls, answer) : createServer(answer)
    this.#server.maxConnections = 256
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** Opens the port. Throws `PORT_IN_USE`, or `BIND_REFUSED` for an address that is not this machine's. */
  async listen(): Promise<void> {
    const { host, port } = this.#options
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => reject(listenError(error, host, port)))
      this.#server.listen({ host, port }, resolve)
    })
    this.#server.removeAllListeners('error')
    this.#server.on('error', (error) => this.#lab.log('warn', `the window's server: ${error.message}`))
  }

  /** A URL that opens the window once; every call makes a new one. */
  newUrl(): string {
    return `${this.#scheme}://${this.#shownHost()}:${this.#port()}/?token=${this.#sessions.newToken()}`
  }

  /** Shows another lab from now on; windows that are open connect to it. */
  show(lab: Lab): void {
    this.#sockets.stop()
    this.#lab = lab
    this.#sockets = new ContractSockets(lab)
  }

  /** Ends every connection and frees the port. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopped ??= new Promise((resolve) => {
      this.#sockets.stop()
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
    return this.#stopped
  }

  get #scheme(): 'http' | 'https' {
    return this.#options.tls ? 'https' : 'http'
  }

  #port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : this.#options.port
  }

  #shownHost(): string {
    const { host } = this.#options
    if (host === '0.0.0.0' || host === '::') return hostname()
    return host.includes(':') ? `[${host}]` : host
  }

  // Cookies do not know ports: two labs served by one machine must not take each other's.
  #cookieName(): string {
    return `millrace_${this.#port()}`
  }

  #hasSession(request: IncomingMessage): boolean {
    return this.#sessions.isSession(cookieOf(request, this.#cookieName()) ?? '')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const nonce = randomBytes(16).toString('base64')
    for (const [name, value] of Object.entries(headersOf(nonce))) response.setHeader(name, value)
    if (!isOwnHost(request, this.#ownNames)) return refuse(response, 421, 'This server does not go by that name.')
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, 405, 'Only GET is answered here.')
    const url = urlOf(request)
    if (!url) return refuse(response, 400, 'That is no address.')
    const token = url.searchParams.get('token')
    if (url.pathname === '/' && token !== null) return this.#letIn(token, request, response)
    if (!this.#hasSession(request)) return refuse(response, 401, howToGetIn)
    const file = await readWindowFile(this.#options.rendererDir, url.pathname, nonce)
    if (!file) return refuse(response, 404, 'There is nothing here.')
    response.setHeader('Content-Type', file.type)
    response.setHeader('Cache-Control', file.isImmutable ? 'private, max-age=31536000, immutable' : 'no-store')
    response.setHeader('Content-Length', file.body.length)
    response.end(request.method === 'HEAD' ? undefined : file.body)
  }

  #letIn(token: string, request: IncomingMessage, response: ServerResponse): void {
    // A preview or a HEAD request must not spend the token; a window that is already let in keeps it for another.
    if (request.method !== 'GET') return refuse(response, 405, 'Only GET is answered here.')
    const session = this.#hasSession(request) ? undefined : this.#sessions.exchange(token)
    if (session === undefined && !this.#hasSession(request)) return refuse(response, 401, spentToken)
    if (session !== undefined) {
      const secure = this.#options.tls ? '; Secure' : ''
      response.setHeader('Set-Cookie', `${this.#cookieName()}=${session}; Path=/; HttpOnly; SameSite=Strict${secure}`)
    }
    // Not a redirect: a browser that came by a link from elsewhere would not send the strict cookie along with it.
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.setHeader('Cache-Control', 'no-store')
    response.end(page('<meta http-equiv="refresh" content="0;url=/">', 'Opening the lab…'))
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const allowed =
      isOwnHost(request, this.#ownNames) && isOwnOrigin(request, this.#scheme) && this.#hasSession(request)
    if (allowed && urlOf(request)?.pathname === '/contract') return this.#sockets.accept(request, socket, head)
    socket.end(
      `HTTP/1.1 ${allowed ? '404 Not Found' : '403 Forbidden'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    )
  }
}

const howToGetIn =
  'This lab is shown to whoever was given its URL. Open the URL that the terminal printed; press u and Enter there for a new one.'
const spentToken =
  'This URL has been used already, or is not of this lab. Press u and Enter in the terminal for a new one.'

function headersOf(nonce: string): Record<string, string> {
  return {
    'Content-Security-Policy': contentPolicy(nonce),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  }
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  response.setHeader('Cache-Control', 'no-store')
  response.end(page('', why))
}

function page(head: string, text: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">${head}<title>Millrace</title></head><body><p>${text}</p></body></html>\n`
}

function secureServer(tls: { key: Buffer; cert: Buffer }, answer: RequestListener): Server {
  try {
    return createSecureServer(tls, answer)
  } catch (error) {
    throw new MillraceError(
      'FILE_INVALID',
      `the files of --cert and --key are not a certificate and its key, both as PEM (${describeError(error)})`,
      { cause: error },
    )
  }
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): MillraceError {
  if (error.code === 'EADDRINUSE')
    return new MillraceError(
      'PORT_IN_USE',
      `port ${port} of ${host} is in use by another program; choose another with --port`,
      { cause: error },
    )
  return new MillraceError(
    'BIND_REFUSED',
    `cannot listen on ${host}:${port} (${error.code ?? error.message}); choose another --host or --port`,
    { cause: error },
  )
}
