import { randomBytes } from 'node:crypto'
import { createEndpoint, createWebSocketTransport, type Endpoint } from '../peer/index.ts'
import { commandLineNetwork, MillraceError } from '../shared/index.ts'
import { nodePlatform } from './node-platform.ts'

/** Makes an endpoint for a short visit: it listens nowhere and exports nothing. */
export function makeGuestEndpoint(): Endpoint {
  return createEndpoint({
    identity: {
      networkId: commandLineNetwork,
      instanceId: randomBytes(4).toString('hex'),
      epoch: randomBytes(8).toString('hex'),
    },
    bindAddress: '127.0.0.1',
    bindPort: 0,
    transport: createWebSocketTransport(),
    platform: nodePlatform,
    randomBytes: (size) => randomBytes(size),
    log: () => undefined,
    exports: { directory: () => [], openInport: refuse, openOutport: refuse },
    status: () => ({}),
  })
}

function refuse(): never {
  throw new MillraceError('NOT_EXPORTED', 'a guest exports nothing')
}
