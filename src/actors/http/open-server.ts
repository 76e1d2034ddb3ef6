import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Makes an HTTP server for programs of this machine whose paths are not known beforehand. It has no login, so it refuses whatever a
 * web page could send: requests with an `Origin`, and those whose `Host` is not a loopback name (DNS rebinding).
 */
export function makeOpenServer(serve: (request: IncomingMessage, response: ServerResponse) => void): Server {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 15_000 }, (request, response) => {
    const name = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
    if (!loopbackNames.has(name))
      return refuse(response, 403, 'ask for localhost or 127.0.0.1: other host names are refused')
    if (request.headers.origin !== undefined) return refuse(response, 403, 'requests from web pages are refused')
    serve(request, response)
  })
  server.maxConnections = 256
  return server
}

/** Reads a whole body, or answers 413 or nothing (the client left) and gives `undefined`. */
export async function readBytes(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) {
        refuse(response, 413, `a body is at most ${maxBytes} bytes`)
        return undefined
      }
      chunks.push(chunk)
    }
  } catch {
    // The client went away in the middle of its body: there is nobody to answer.
    response.destroy()
    return undefined
  }
  return Buffer.concat(chunks)
}

/** Answers with a status and a line of JSON, if nothing has been answered yet. */
export function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent || response.destroyed) return
  const headers = { 'content-type': 'application/json; charset=utf-8', connection: 'close' }
  response.writeHead(status, headers).end(`${JSON.stringify({ error: { message } })}\n`)
}
