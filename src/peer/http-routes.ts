import type { LinkSnapshot } from '../shared/index.ts'
import type { PeerIdentity } from './engine.ts'
import type { Keys } from './key-ring.ts'
import { equalSecrets } from './protocol/proof.ts'
import { answerRegistry } from './registry-routes.ts'
import type { Registry } from './registry.ts'
import type { HttpAnswer, HttpRequest } from './transport.ts'

/** What the routes of the peer port tell. */
export interface HttpRoutesParts {
  readonly identity: PeerIdentity
  /** Off this machine everything but `/health` asks for one of them as `Authorization: Bearer`. */
  readonly keys: Keys
  readonly uptimeMs: () => number
  readonly links: () => LinkSnapshot[]
  readonly status: () => unknown
  /** What runs as Prometheus text, if it is offered. */
  readonly metrics?: (() => Promise<string>) | undefined
  /** The discovery service, if it is offered. */
  readonly registry?: Registry | undefined
}

const routes = ['/health', '/status', '/metrics'] as const
/** Prometheus text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */
const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** Answers the HTTP requests of the peer port: `GET /health`, `/status` and `/metrics`, the discovery service where it is on, and 404 for all else. */
export async function answerHttp(request: HttpRequest, parts: HttpRoutesParts): Promise<HttpAnswer> {
  const { networkId, instanceId } = parts.identity
  const known = routes.find((route) => route === request.path)
  if (known !== '/health' && !request.loopback && !isAuthorized(request, parts.keys))
    return failure(401, 'AUTH_FAILED', 'give the token of this instance: Authorization: Bearer <token>')
  const found = parts.registry && answerRegistry(request, parts.registry)
  if (found) return found
  if (known === undefined)
    return failure(
      404,
      'FILE_NOT_FOUND',
      `there is ${[...routes, ...(parts.registry ? ['/register', '/networks'] : [])].join(', ')} here, nothing else`,
    )
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return failure(405, 'FORBIDDEN', `${known} can only be read`)
  const health = { status: 'ok', networkId, instanceId, uptimeMs: Math.round(parts.uptimeMs()) }
  if (known === '/health') return { status: 200, body: health }
  if (known === '/metrics') {
    const body = await parts.metrics?.()
    if (body === undefined) return failure(404, 'FILE_NOT_FOUND', 'this instance tells no metrics')
    return { status: 200, body, contentType: metricsType }
  }
  const status = parts.status()
  const own = typeof status === 'object' && status !== null ? status : { status }
  return { status: 200, body: { ...health, ...own, links: parts.links() } }
}

function isAuthorized({ authorization }: HttpRequest, { accepted }: Keys): boolean {
  const given = /^Bearer (.+)$/.exec(authorization ?? '')?.[1]
  if (given === undefined) return false
  // Every token is compared, so that the time taken tells nothing.
  return accepted.map(({ token }) => equalSecrets(given, token)).includes(true)
}

function failure(status: number, code: string, message: string): HttpAnswer {
  return { status, body: { error: { code, message } } }
}
