import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { parse } from 'path-to-regexp'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError, port } from '../shared/index.ts'
import { choice, count, duration } from './fields.ts'
import { readBytes, refuse } from './http/open-server.ts'
import { takeRoute, type Params } from './http/shared-server.ts'
import { textOf } from './text-of.ts'

const config = v.object({
  port: v.optional(
    v.pipe(
      port({ sharedBy: ['method', 'path'] }),
      v.description('where it listens; nodes of other routes may share it'),
    ),
    9090,
  ),
  method: v.optional(
    choice(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'], 'the one it takes; every one when absent'),
  ),
  path: v.optional(
    v.pipe(
      v.string(),
      v.check(isPath, 'expected a path such as /users/:id or /files/*rest'),
      v.description('what it takes, such as /users/:id or /files/*rest; every path when absent'),
    ),
  ),
  timeoutMs: v.optional(duration('a request without response is answered with 504 then'), 10_000),
  maxPending: v.optional(count('requests that may wait at once; more are answered with 503', { most: 10_000 }), 100),
  maxBodyBytes: v.optional(count('larger bodies are answered with 413', { most: 64 * 1024 * 1024 }), 1024 * 1024),
})

const responseSchema = v.object({
  id: v.string(),
  status: v.optional(v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)), 200),
  headers: v.optional(v.record(v.string(), v.string()), {}),
  body: v.optional(v.unknown()),
})

/** Turns HTTP requests of this machine into messages, and messages at `Response` into answers. Each request waits for its own. */
export const httpIn = defineActor({
  name: 'HttpIn',
  description: 'Takes HTTP requests from programs on this machine; answer each at Response, as HttpResponse writes it.',
  inports: { Response: { kind: 'object', schema: responseSchema, description: '{id, status, headers, body}' } },
  outports: {
    Request: { kind: 'object', capacity: 1, description: '{id, method, path, params, query, headers, body}' },
  },
  config,
  state: () => ({ waiting: new Map<string, ServerResponse>() }),
  async start({ config: settings, state: { waiting }, out, log, signal }) {
    const serve = async (request: IncomingMessage, response: ServerResponse, params: Params) => {
      if (waiting.size >= settings.maxPending)
        return refuse(response, 503, `${settings.maxPending} requests wait already`)
      const id = randomUUID()
      waiting.set(id, response)
      const timer = setTimeout(() => refuse(response, 504, 'nothing answered in time'), settings.timeoutMs)
      response.once('close', () => {
        clearTimeout(timer)
        waiting.delete(id)
      })
      const body = await readBytes(request, response, settings.maxBodyBytes)
      if (body === undefined) return
      await out.Request.send({ id, ...describeRequest(request), params, body: readable(request, body) })
    }
    const { method, path } = settings
    const { port: boundPort, leave } = await takeRoute(settings.port, {
      method,
      path,
      serve: (request, response, params) => {
        serve(request, response, params).catch((error: unknown) => {
          if (!signal.aborted) log.error(describeError(error))
          refuse(response, 500, 'the request could not be taken')
        })
      },
    })
    const route =
      method === undefined && path === undefined ? '' : ` (${method ?? 'every method'} ${path ?? 'every path'})`
    log.info(`takes requests at http://127.0.0.1:${boundPort}${route}`)
    return async () => {
      for (const response of waiting.values()) refuse(response, 503, 'the instance is stopping')
      await leave()
    }
  },
  run({ inputs: { Response: answer }, state: { waiting }, reject }) {
    if (answer === undefined) return
    const response = waiting.get(answer.id)
    if (response === undefined || response.headersSent) return reject('nobody waits for this response any more')
    const body = answer.body === undefined ? '' : textOf(answer.body)
    const type =
      typeof body !== 'string'
        ? 'application/octet-stream'
        : typeof answer.body === 'string'
          ? 'text/plain; charset=utf-8'
          : 'application/json; charset=utf-8'
    try {
      response.writeHead(answer.status, { 'content-type': type, ...answer.headers }).end(body)
    } catch (error) {
      refuse(response, 500, 'the response could not be written')
      return reject(`not a response: ${describeError(error)}`)
    }
  },
})

function isPath(text: string): boolean {
  try {
    parse(text)
    // It may begin with a part that may be absent: {/:id}.
    return /^\{?\//.test(text)
  } catch {
    return false
  }
}

function describeRequest({ method = 'GET', url = '/', headers }: IncomingMessage) {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  return { method, path: pathname, query: Object.fromEntries(searchParams), headers: { ...headers } }
}

/** JSON as its value and text as text; anything else as bytes. */
function readable({ headers }: IncomingMessage, body: Buffer): unknown {
  const type = headers['content-type'] ?? ''
  if (/[/+]json\b/.test(type)) {
    try {
      return JSON.parse(body.toString()) as unknown
    } catch {
      // Whoever gets the request sees the text and judges.
      return body.toString()
    }
  }
  return /^text\/|x-www-form-urlencoded/.test(type) || body.length === 0 ? body.toString() : new Uint8Array(body)
}
