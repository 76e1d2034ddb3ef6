import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError } from '../shared/index.ts'
import { remoteUrl } from './access.ts'
import { choice, count, duration } from './fields.ts'
import { textOf } from './text-of.ts'

const config = v.object({
  url: v.pipe(
    remoteUrl('http:', 'https:'),
    v.description('where requests go; a message may give a path and query below it'),
  ),
  method: v.optional(
    choice(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'], 'the method, unless the message gives one'),
    'GET',
  ),
  headers: v.optional(v.pipe(v.record(v.string(), v.string()), v.description('headers of every request')), {}),
  answer: v.optional(
    choice(['auto', 'json', 'text', 'bytes'], 'how the body of the response is read; auto goes by its type'),
    'auto',
  ),
  timeoutMs: v.optional(duration('a request that takes longer becomes a dead letter'), 10_000),
  maxBytes: v.optional(
    count('a response that is larger becomes a dead letter', { most: 64 * 1024 * 1024 }),
    4 * 1024 * 1024,
  ),
})

const partsSchema = v.object({
  path: v.optional(v.string()),
  method: v.optional(v.string()),
  headers: v.optional(v.record(v.string(), v.string())),
  body: v.optional(v.unknown()),
})

/** Asks an HTTP server once for each message, up to eight at a time; responses keep the order of their messages. */
export const httpRequest = defineActor({
  name: 'HttpRequest',
  description:
    'Sends a request for each message: {path, method, headers, body}, or just a body. Any status is a response.',
  inports: { Input: { capacity: 100 } },
  outports: { Output: { kind: 'object', description: 'status, headers, body and tookMs' } },
  config,
  parallel: 8,
  async run({ inputs, config: settings, signal, reject }) {
    const parts = v.safeParse(partsSchema, inputs.Input)
    const request = parts.success && isRequest(inputs.Input) ? parts.output : { body: inputs.Input }
    const target = new URL(request.path ?? '', settings.url)
    // A message decides what is asked, never whom.
    if (target.origin !== new URL(settings.url).origin)
      return reject(`"${request.path}" leads away from ${settings.url}`)
    const late = AbortSignal.timeout(settings.timeoutMs)
    try {
      return { Output: await ask(target, request, settings, AbortSignal.any([signal as globalThis.AbortSignal, late])) }
    } catch (error) {
      // Sent once is sent: asking again by itself could order twice.
      if (late.aborted) return reject(`${target.href} did not answer within ${settings.timeoutMs} ms`)
      return reject(
        `${target.href} could not be asked: ${describeError(error instanceof Error ? (error.cause ?? error) : error)}`,
      )
    }
  },
})

type Settings = v.InferOutput<typeof config>

async function ask(target: URL, request: v.InferOutput<typeof partsSchema>, settings: Settings, signal: AbortSignal) {
  const startedMs = performance.now()
  const method = request.method ?? settings.method
  const hasBody = method !== 'GET' && method !== 'HEAD' && request.body !== undefined
  const isPlain = typeof request.body === 'string' || request.body instanceof Uint8Array
  const response = await fetch(target, {
    method,
    headers: {
      ...(hasBody && !isPlain && { 'content-type': 'application/json' }),
      ...settings.headers,
      ...request.headers,
    },
    ...(hasBody && { body: textOf(request.body) as BodyInit }),
    signal,
  })
  const bytes = await readBody(response, settings.maxBytes)
  const tookMs = Math.round(performance.now() - startedMs)
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: read(bytes, response, settings.answer),
    tookMs,
  }
}

async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > maxBytes) throw new Error(`the response is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

function read(bytes: Uint8Array, response: Response, answer: Settings['answer']): unknown {
  const type = response.headers.get('content-type') ?? ''
  if (answer === 'bytes') return bytes
  const text = new TextDecoder().decode(bytes)
  const isJson = answer === 'json' || (answer === 'auto' && /[/+]json\b/.test(type) && text !== '')
  if (isJson) return JSON.parse(text) as unknown
  return answer === 'text' || /^text\/|[/+]xml\b/.test(type) || text === '' ? text : bytes
}

function isRequest(message: unknown): boolean {
  const fields = new Set(['path', 'method', 'headers', 'body'])
  return (
    typeof message === 'object' &&
    message !== null &&
    !Array.isArray(message) &&
    Object.keys(message).some((key) => fields.has(key))
  )
}
