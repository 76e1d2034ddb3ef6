import type { LinkSnapshot } from '../shared/index.ts'
import type { PeerIdentity } from './engine.ts'
import { equalSecrets } from './protocol/proof.ts'
import type { HttpAnswer, HttpRequest } from './transport.ts'

/** What the routes of the peer port tell. */
export interface HttpRoutesParts {
  readonly identity: PeerIdentity
  /** Off this machine everything but `/health` asks for one of them as `Authorization: Bearer`. */
  readonly tokens: readonly string[]
  readonly uptimeMs: () => number
  readonly links: () => LinkSnapshot[]
  readonly status: () => unknown
}

const routes = ['/health', '/status'] as const

/** Answers the HTTP requests of the peer port: `GET /health`, `GET /status`, and 404 for all else. */
export function answerHttp(request: HttpRequest, parts: HttpRoutesParts): HttpAnswer {
  const { networkId, instanceId } = parts.identity
  const known = routes.find((route) => route === request.path)
  if (known !== '/health' && !request.loopback && !isAuthorized(request, parts.tokens))
    return failure(401, 'AUTH_FAILED', 'give the token of this instance: Authorization: Bearer <token>')
  if (known === undefined) return failure(404, 'FILE_NOT_FOUND', `there is ${routes.join(' and ')} here, nothing else`)
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return failure(405, 'FORBIDDEN', `${known} can only be read`)
  const health = { status: 'ok', networkId, instanceId, uptimeMs: Math.round(parts.uptimeMs()) }
  if (known === '/health') return { status: 200, body: health }
  const status = parts.status()
  const own = typeof status === 'object' && status !== null ? status : { status }
  return { status: 200, body: { ...health, ...own, links: parts.links() } }
}

function isAuthorized({ authorization }: HttpRequest, tokens: readonly string[]): boolean {
  const given = /^Bearer (.+)$/.exec(authorization ?? '')?.[1]
  if (given === undefined) return false
  // Every token is compared, so that the time taken tells nothing.
  return tokens.map((token) => equalSecrets(given, token)).includes(true)
}

function failure(status: number, code: string, message: string): HttpAnswer {
  return { status, body: { error: { code, message } } }
}
