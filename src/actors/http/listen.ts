import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MillraceError } from '../../shared/index.ts'

/** Makes a server listen; returns the port, which is a new one when `port` is 0. Throws `PORT_IN_USE` or `BIND_REFUSED`. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException) => reject(explain(cause, host, port))
    server.once('error', refuse)
    server.listen(port, host, () => {
      server.off('error', refuse)
      resolve()
    })
  })
  return (server.address() as AddressInfo).port
}

function explain(cause: NodeJS.ErrnoException, host: string, port: number): MillraceError {
  return cause.code === 'EADDRINUSE'
    ? new MillraceError(
        'PORT_IN_USE',
        `another program listens on ${host}:${port}; end it, change the node's "port", or move all ports with --port-base`,
        { cause },
      )
    : new MillraceError('BIND_REFUSED', `cannot listen on ${host}:${port}: ${cause.message}`, { cause })
}

/** Stops a server and ends its connections, those in use as well. */
export async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
