import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError, port } from '../shared/index.ts'
import { count, duration } from './fields.ts'
import { close, listen } from './http/listen.ts'
import { makeOpenServer, readBytes, refuse } from './http/open-server.ts'
import { textOf } from './text-of.ts'

const config = v.object({
  port: v.optional(v.pipe(port(), v.description('where it listens')), 9090),
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
  outports: { Request: { kind: 'object', capacity: 1, description: '{id, method, path, query, headers, body}' } },
  config,
  state: () => ({ waiting: new Map<string, ServerResponse>() }),
  async start({ config: settings, state: { waiting }, out, log, signal }) {
    const serve = async (request: IncomingMessage, response: ServerResponse) => {
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
      if (body !== undefined) await out.Request.send({ id, ...describeRequest(request), body: readable(request, body) })
    }
    const server = makeOpenServer((request, response) => {
      serve(request, response).catch((error: unknown) => {
        if (!signal.aborted) log.error(describeError(error))
        refuse(response, 500, 'the request could not be taken')
      })
    })
    const boundPort = await listen(server, '127.0.0.1', settings.port)
    log.info(`takes requests at http://127.0.0.1:${boundPort}`)
    return async () => {
      for (const response of waiting.values()) refuse(response, 503, 'the instance is stopping')
      await close(server)
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
