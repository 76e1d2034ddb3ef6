import { InvalidArgumentError, Option } from 'commander'
import { parseEndpoint } from '../graph/index.ts'

/** Reads a TCP port. Throws what was expected. */
export function parsePort(text: string): number {
  return portWithin(text, 0, 65_535)
}

/** Reads what 9000 becomes when ports are moved. Throws what was expected. */
export function parsePortBase(text: string): number {
  return portWithin(text, 1_024, 65_000)
}

/** Reads `host:port`; a port alone is one of this machine. Throws what was expected. */
export function parsePeer(text: string): string {
  const endpoint = /^\d+$/.test(text) ? `127.0.0.1:${text}` : text
  if (parseEndpoint(endpoint)) return endpoint
  throw new InvalidArgumentError('expected host:port, such as 127.0.0.1:9001')
}

/** The option of every command that opens a lab. */
export function portBaseOption(): Option {
  return new Option(
    '--port-base <N>',
    'move every port of the lab, each keeping its distance from 9000 (19000: 9001 becomes 19001)',
  ).argParser(parsePortBase)
}

function portWithin(text: string, least: number, most: number): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port >= least && port <= most) return port
  throw new InvalidArgumentError(`expected a port from ${least} to ${most}`)
}
