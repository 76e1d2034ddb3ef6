import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/** The path and query a request asks for, or `undefined` when they are no URL: anybody may send any bytes. */
export function urlOf(request: IncomingMessage): URL | undefined {
  const { url = '/' } = request
  return URL.canParse(url, 'http://own.invalid') ? new URL(url, 'http://own.invalid') : undefined
}

/** Reads one cookie of a request. */
export function cookieOf(request: IncomingMessage, name: string): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
}

/**
 * Whether a request was sent to a name that is this server's. A page of another site can point its own name at this
 * address (DNS rebinding), but it cannot make the browser send another name than its own.
 */
export function isOwnHost(request: IncomingMessage, ownNames: ReadonlySet<string>): boolean {
  const { host } = request.headers
  if (host === undefined) return false
  const name = /^(\[[^\]]+\]|[^:]+)(?::\d+)?$/.exec(host.toLowerCase())?.[1]?.replaceAll(/^\[|\]$/g, '')
  return name !== undefined && (isIP(name) !== 0 || ownNames.has(name))
}

/** Whether a request comes from a page of this server: its `Origin` is the address it was sent to. */
export function isOwnOrigin(request: IncomingMessage, scheme: 'http' | 'https'): boolean {
  const { origin, host } = request.headers
  return origin !== undefined && origin.toLowerCase() === `${scheme}://${host ?? ''}`.toLowerCase()
}
