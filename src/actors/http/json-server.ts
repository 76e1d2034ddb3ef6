import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { HttpProblem } from './problem.ts'

/** Answers a request with a value that becomes JSON; throws an `HttpProblem` for anything else. `closed` aborts when the client leaves. */
export type Handler = (body: () => Promise<unknown>, closed: AbortSignal) => unknown

/** What a server offers: handlers by path, then by method. */
export type Routes = Readonly<Record<string, Readonly<Record<string, Handler>>>>

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]'])
const largestBody = 1024 * 1024
const mostConnections = 256
const headersTimeoutMs = 10_000
const requestTimeoutMs = 15_000

/**
 * Makes an HTTP server that speaks JSON to programs of this machine. It has no login, so it refuses whatever a web page could send:
 * requests with an `Origin`, and those whose `Host` is not a loopback name (DNS rebinding). `report` gets what no client caused.
 */
export function createJsonServer(routes: Routes, report: (error: unknown) => void): Server {
  const server = createServer({ headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs })
  server.maxConnections = mostConnections
  // Until it listens, its errors are for whoever asked it to.
  server.once('listening', () => server.on('error', report))
  server.on('request', (request, response) => {
    answer(routes, request, response, report).catch(report)
  })
  return server
}

async function answer(
  routes: Routes,
  request: IncomingMessage,
  response: ServerResponse,
  report: (error: unknown) => void,
): Promise<void> {
  const closed = new AbortController()
  response.once('close', () => closed.abort())
  try {
    checkSender(request)
    const handler = findHandler(routes, request)
    reply(response, 200, await handler(() => readJson(request), closed.signal))
  } catch (error) {
    const problem =
      error instanceof HttpProblem ? error : new HttpProblem(500, 'INTERNAL', 'the server failed; its log says why')
    if (problem !== error) report(error)
    // What is left of a body that was not read would be taken for the next request.
    const rest: Record<string, string> = request.complete ? {} : { connection: 'close' }
    const { code, message, field } = problem
    reply(response, problem.status, { error: { code, message, field } }, { ...problem.headers, ...rest })
  }
}

function checkSender({ headers }: IncomingMessage): void {
  const name = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
  if (!loopbackNames.has(name))
    throw new HttpProblem(403, 'HOST_REFUSED', 'ask for localhost or 127.0.0.1: other host names are refused')
  if (headers.origin !== undefined) throw new HttpProblem(403, 'ORIGIN_REFUSED', 'requests from web pages are refused')
}

function findHandler(routes: Routes, { url = '/', method = 'GET' }: IncomingMessage): Handler {
  const path = url.split('?', 1)[0] ?? '/'
  const methods = Object.hasOwn(routes, path) ? routes[path] : undefined
  if (methods === undefined) {
    const offered = Object.entries(routes).flatMap(([route, known]) =>
      Object.keys(known).map((verb) => `${verb} ${route}`),
    )
    throw new HttpProblem(404, 'NOT_FOUND', `nothing is here; there is ${offered.join(', ')}`)
  }
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined
  if (handler !== undefined) return handler
  const allow = Object.keys(methods).join(', ')
  throw new HttpProblem(405, 'METHOD_NOT_ALLOWED', `${path} takes ${allow}`, { headers: { allow } })
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  const tooBig = () => new HttpProblem(413, 'TOO_BIG', `a body is at most ${largestBody} bytes`)
  if (Number(request.headers['content-length'] ?? 0) > largestBody) throw tooBig()
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > largestBody) throw tooBig()
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof HttpProblem) throw error
    throw new HttpProblem(400, 'BODY_CUT', 'the body ended before it was complete')
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
  } catch (error) {
    throw new HttpProblem(400, 'NOT_JSON', `the body is not JSON: ${error instanceof Error ? error.message : error}`)
  }
}

function reply(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void {
  if (response.headersSent || response.destroyed) return
  const body = `${JSON.stringify(value)}\n`
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}
