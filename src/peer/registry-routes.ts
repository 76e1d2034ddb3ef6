import { isMillraceError, type ErrorCode } from '../shared/index.ts'
import { parseAddress } from './address.ts'
import type { Registry } from './registry.ts'
import type { HttpAnswer, HttpRequest } from './transport.ts'

const statusOf: Partial<Record<ErrorCode, number>> = {
  MESSAGE_INVALID: 400,
  DUPLICATE_ID: 409,
  FORBIDDEN: 403,
  LINK_REFUSED: 429,
}

/**
 * Answers the requests of the discovery service, `undefined` for others: `POST /register`, `GET /networks` (`?network_id=`, `?capability=`,
 * `?tag=`, each as often as wanted), `DELETE /networks/<network_id>/<instance_id>`. The first two are Reflow's.
 */
export function answerRegistry(request: HttpRequest, registry: Registry): HttpAnswer | undefined {
  try {
    return answer(request, registry)
  } catch (error) {
    if (!isMillraceError(error)) throw error
    const { code, message } = error
    return { status: statusOf[code] ?? 400, body: { error: { code, message } } }
  }
}

function answer(request: HttpRequest, registry: Registry): HttpAnswer | undefined {
  const { method, path, query, remoteAddress } = request
  const from = hostOf(remoteAddress)
  if (path === '/register') {
    if (method !== 'POST') return wrongMethod('/register takes POST')
    const { entry, ttlMs } = registry.register(parseBody(request.body), from)
    return { status: 200, body: { status: 'registered', ttl_ms: ttlMs, endpoint: entry.endpoint } }
  }
  if (path === '/networks') {
    if (method !== 'GET' && method !== 'HEAD') return wrongMethod('/networks can only be read')
    const networkId = query.get('network_id') ?? undefined
    const filter = { networkId, capabilities: query.getAll('capability'), tags: query.getAll('tag') }
    return { status: 200, body: registry.list(filter) }
  }
  const named = /^\/networks\/([^/]+)\/([^/]+)$/.exec(path)
  if (!named) return undefined
  if (method !== 'DELETE') return wrongMethod('an entry can only be removed')
  const [networkId = '', instanceId = ''] = named.slice(1).map(decode)
  return registry.remove(networkId, instanceId, from)
    ? { status: 200, body: { status: 'removed' } }
    : { status: 404, body: { error: { code: 'PEER_UNKNOWN', message: 'there is no such entry' } } }
}

function wrongMethod(message: string): HttpAnswer {
  return { status: 405, body: { error: { code: 'FORBIDDEN', message } } }
}

/** What is no JSON is no entry either, and is refused as such. */
function parseBody(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function hostOf(address: string): string {
  try {
    return parseAddress(address).host
  } catch {
    return address
  }
}
