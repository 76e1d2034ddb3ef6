import { request as plainRequest, type IncomingMessage } from 'node:http'
import { MillraceError } from '../shared/index.ts'
import { formatAddress, type Address } from './address.ts'
import { connectSecurely, type TlsTrust } from './transport/secure-socket.ts'

const maxAnswerBytes = 16 * 1024 * 1024

/** A request to the peer port of an instance. */
export interface PeerRequest {
  readonly target: Address
  readonly tls?: TlsTrust | undefined
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With its query. */
  readonly path: string
  readonly token?: string | undefined
  readonly body?: unknown
  readonly timeoutMs: number
}

/**
 * Asks the peer port of an instance something over HTTP; over TLS the certificate is looked at before the token is sent.
 * @throws MillraceError `PEER_UNREACHABLE`, `TLS_UNTRUSTED`, `TIMEOUT`.
 */
export async function requestPeer(asked: PeerRequest): Promise<{ status: number; text: string }> {
  const { target, tls, timeoutMs } = asked
  const where = formatAddress(target)
  const late = () => new MillraceError('TIMEOUT', `${where} did not answer within ${timeoutMs / 1000} s`)
  const abort = new AbortController()
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    abort.abort()
  }, timeoutMs)
  try {
    const trust = tls ?? (target.secure ? {} : undefined)
    const socket = trust && (await connectSecurely(target, trust, { signal: abort.signal }))
    // An agent of its own would make a connection of its own, so there is none beside a socket that is there.
    return await exchange(asked, where, {
      signal: abort.signal,
      ...(socket ? { createConnection: () => socket } : { agent: false }),
    })
  } catch (error) {
    throw isLate ? late() : error
  } finally {
    clearTimeout(timer)
  }
}

function exchange(
  { target, method, path, token, body }: PeerRequest,
  where: string,
  options: object,
): Promise<{ status: number; text: string }> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((answered, failed) => {
    const unreachable = (cause: Error) =>
      failed(
        new MillraceError(
          'PEER_UNREACHABLE',
          `nothing answers at ${where}; is the instance running, and is that its port? (${reasonOf(cause)})`,
          { cause },
        ),
      )
    const request = plainRequest({
      host: target.host,
      port: target.port,
      method,
      path,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
      ...options,
    })
    request.on('error', unreachable)
    request.on('response', (response) => {
      readText(response).then((read) => answered({ status: response.statusCode ?? 0, text: read }), unreachable)
    })
    request.end(text)
  })
}

async function readText(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length
    if (size > maxAnswerBytes) throw new Error('the answer is too long')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function reasonOf(cause: Error): string {
  const code = 'code' in cause ? String(cause.code) : ''
  if (code === 'ECONNREFUSED') return 'nothing listens there'
  return code === 'ECONNRESET'
    ? 'it ended the connection; if it speaks TLS, write https:// or wss:// in front'
    : cause.message
}
