import { isIP } from 'node:net'
import { MillraceError } from '../shared/index.ts'

/** Where a peer listens. */
export interface Address {
  readonly host: string
  readonly port: number
  /** Whether to speak TLS there. */
  readonly secure?: boolean
}

/** Reads `host:port`, `[ipv6]:port`, with or without `ws://` or, for TLS, `wss://` in front. @throws MillraceError `USAGE`. */
export function parseAddress(text: string): Address {
  const match = /^(?:ws(s?):\/\/)?(?:\[([0-9a-fA-F:.]+)\]|([^\s:/@?#[\]]+)):(\d{1,5})\/?$/.exec(text.trim())
  const host = match?.[2] ?? match?.[3]
  const port = Number(match?.[4])
  if (host === undefined || !(port >= 1 && port <= 65_535))
    throw new MillraceError('USAGE', `"${text}" is no address of a peer: write host:port, such as 127.0.0.1:9001`)
  return match?.[1] === 's' ? { host, port, secure: true } : { host, port }
}

/** Writes an address as `host:port`. */
export function formatAddress({ host, port }: Address): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
}

/** Whether an address is of this machine only. */
export function isLoopback(host: string): boolean {
  const plain = host.startsWith('::ffff:') ? host.slice(7) : host
  return host === 'localhost' || host === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
}

/** Whether a Host header names this listener: an IP address, `localhost`, or a name given; anything else may be a web page's rebound name. */
export function isOwnHost(header: string | undefined, hostNames: readonly string[]): boolean {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:]+))(?::\d{1,5})?$/.exec(header ?? '')
  const host = (match?.[1] ?? match?.[2])?.toLowerCase()
  if (host === undefined) return false
  return isIP(host) !== 0 || host === 'localhost' || hostNames.some((name) => name.toLowerCase() === host)
}
