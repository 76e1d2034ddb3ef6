import { createValueCodec, createWebSocketTransport, type Connection } from '../../peer/index.ts'

/** Room in front of what the codec writes; the floor needs none of it. */
const roomBytes = 8
const highWaterBytes = 1024 * 1024
const maxPacketBytes = 16 * highWaterBytes

/** A WebSocket of the same library and with the same codec as a link's, and nothing of the link protocol: the floor of its benches. */
export interface BareSocket {
  /** Sends values in one frame; answers something to wait for when much is on its way. */
  send(values: readonly unknown[]): Promise<void> | undefined
  received: (values: unknown[]) => void
}

/** Listens for bare sockets; answers the address. */
export async function listenBare(accept: (socket: BareSocket) => void): Promise<string> {
  const listener = await asItComes().listen(
    { host: '127.0.0.1', port: 0, hostNames: [], maxPacketBytes },
    {
      admit: () => ({ admitted: true }),
      accept: (connection) => accept(wrap(connection)),
      request: () => ({ status: 404, body: {} }),
      noise: () => undefined,
    },
  )
  return `${listener.host}:${listener.port}`
}

/** Dials a bare socket's listener. */
export async function dialBare(address: string): Promise<BareSocket> {
  const [host = '', port] = address.split(':')
  const options = { maxPacketBytes, signal: new AbortController().signal }
  return wrap(await asItComes().dial({ host, port: Number(port) }, options))
}

/** Frames, masks and writes as `ws` does by itself. */
function asItComes() {
  return createWebSocketTransport({ masking: 'always' })
}

function wrap(connection: Connection): BareSocket {
  const codec = createValueCodec()
  let drained = () => {}
  const socket: BareSocket = {
    send(values) {
      connection.send(codec.encodeAll(values, roomBytes))
      if (connection.bufferedBytes < highWaterBytes) return undefined
      return new Promise((resolve) => (drained = resolve))
    },
    received: () => undefined,
  }
  connection.trust()
  connection.start({
    message: (bytes) => socket.received(codec.decodeAll(bytes.subarray(roomBytes))),
    drained: () => drained(),
    closed: () => undefined,
  })
  return socket
}
