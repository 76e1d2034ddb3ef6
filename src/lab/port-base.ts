import { isLoopback, parseEndpoint } from '../graph/index.ts'
import { MillraceError } from '../shared/index.ts'

const customaryBase = 9_000

/** Moves TCP ports so that several labs can run side by side: each keeps its distance from 9000; 0 (any free port) stays 0. */
export type MovePort = (port: number) => number

/** Makes the mover for `--port-base`; without a base, ports stay where they are. Throws `USAGE` when a port would leave 1 to 65535. */
export function movePortsTo(portBase: number | undefined): MovePort {
  if (portBase === undefined) return (port) => port
  return (port) => {
    if (port === 0) return 0
    const moved = portBase + (port - customaryBase)
    if (moved < 1 || moved > 65_535)
      throw new MillraceError(
        'USAGE',
        `--port-base ${portBase} would move port ${port} to ${moved}; choose a base so that it stays within 1 to 65535`,
      )
    return moved
  }
}

/** Moves the port of a peer's `host:port` if it is a port of this same lab on this machine; other addresses are left alone. */
export function moveEndpoint(endpoint: string, labPorts: ReadonlySet<number>, move: MovePort): string {
  const at = parseEndpoint(endpoint)
  if (at === undefined || !isLoopback(at.host.toLowerCase()) || !labPorts.has(at.port)) return endpoint
  return `${at.host.includes(':') ? `[${at.host}]` : at.host}:${move(at.port)}`
}
