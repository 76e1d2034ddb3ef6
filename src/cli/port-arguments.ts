import { InvalidArgumentError, Option } from 'commander'
import { parseEndpoint } from '../graph/index.ts'

/** Reads a TCP port. Throws what was expected. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new InvalidArgumentError('Expected a port from 0 to 65535.')
}

/** Reads `host:port`; a port alone is one of this machine. Throws what was expected. */
export function parsePeer(text: string): string {
  const endpoint = /^\d+$/.test(text) ? `127.0.0.1:${text}` : text
  if (parseEndpoint(endpoint)) return endpoint
  throw new InvalidArgumentError('Expected host:port, such as 127.0.0.1:9001.')
}

/** The option of every command that opens a lab. */
export function portBaseOption(): Option {
  return new Option(
    '--port-base <N>',
    'move every port of the lab, each keeping its distance from 9000 (19000: 9001 becomes 19001)',
  ).argParser((text) => {
    const base = parsePort(text)
    if (base >= 1_024 && base <= 65_000) return base
    throw new InvalidArgumentError('Expected a port from 1024 to 65000.')
  })
}
