import { parseEndpoint } from '../graph/index.ts'
import { ofKind, parseAddress, requestPeer, type Endpoint, type PeerName, type TlsTrust } from '../peer/index.ts'
import { inferKind, kindEnters, MillraceError, type MessageKind } from '../shared/index.ts'
import { makeGuestEndpoint } from './guest-endpoint.ts'

const requestTimeoutMs = 5_000
const deliveryTimeoutMs = 10_000

/** How a peer port is reached from the command line. */
export interface PeerAddress {
  /** `host:port`, or `wss://host:port` for TLS. */
  endpoint: string
  token?: string | undefined
  /** Speak TLS, and whom to trust. */
  tls?: TlsTrust | undefined
}

/** Asks an instance who it is and what it does: what its `GET /status` answers. Throws `PEER_UNREACHABLE`, `TLS_UNTRUSTED`, `AUTH_FAILED`, `TIMEOUT`. */
export async function fetchStatus({ endpoint, token, tls }: PeerAddress): Promise<unknown> {
  const target = parseAddress(checked(endpoint))
  const timeoutMs = requestTimeoutMs
  const response = await requestPeer({ target, tls, token, method: 'GET', path: '/status', timeoutMs })
  if (response.status === 401 || response.status === 403)
    throw new MillraceError(
      'AUTH_FAILED',
      token === undefined
        ? `${endpoint} asks for a token; set MILLRACE_TOKEN or give --token-file`
        : `${endpoint} does not accept the token that was given; check MILLRACE_TOKEN or --token-file`,
    )
  try {
    if (response.status === 200) return JSON.parse(response.text)
  } catch (error) {
    throw new MillraceError('PROTOCOL_ERROR', `${endpoint} does not answer as a Millrace instance does`, {
      cause: error,
    })
  }
  throw new MillraceError(
    'PROTOCOL_ERROR',
    `${endpoint} does not answer as a Millrace instance does (HTTP ${response.status})`,
  )
}

/**
 * Joins an instance as a peer, puts one message on an inport of one of its exported nodes, and leaves once it was taken. The message is of
 * the kind that its value has by itself unless one is said.
 */
export async function sendOnce({
  endpoint,
  token,
  tls,
  node,
  port,
  message,
  kind = inferKind(message),
}: PeerAddress & { node: string; port: string; message: unknown; kind?: MessageKind }): Promise<void> {
  const sent = ofKind(message, kind)
  const self = makeGuestEndpoint()
  try {
    self.dial(checked(endpoint), { retry: false, ...(token !== undefined && { token }), ...(tls && { tls }) })
    const peer = await within(self.connected(endpoint), `${endpoint} could not be reached`)
    await refuseMismatch(self, peer, { node, port, given: kind === 'any' ? inferKind(message) : kind })
    await within(
      Promise.resolve(self.openChannel(peer.networkId, node, port).send(sent)),
      `${endpoint} did not take the message`,
    )
  } finally {
    await self.stop({ drainMs: deliveryTimeoutMs })
  }
}

/** The peer would only bury it; a person at a terminal is better told at once. */
async function refuseMismatch(
  self: Endpoint,
  { networkId }: PeerName,
  { node, port, given }: { node: string; port: string; given: MessageKind },
): Promise<void> {
  const exported = (await self.directory(networkId)).find(({ id }) => id === node)
  const kind = exported?.inports.find(({ name }) => name === port)?.kind
  if (kind === undefined || kindEnters(given, kind)) return
  throw new MillraceError('KIND_MISMATCH', `"${node}.${port}" takes messages of kind ${kind}, and this one is ${given}`)
}

function checked(endpoint: string): string {
  if (parseEndpoint(endpoint) !== undefined) return endpoint
  throw new MillraceError('USAGE', `"${endpoint}" is not an address; write host:port, such as 127.0.0.1:9001`)
}

async function within<Value>(work: Promise<Value>, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new MillraceError('TIMEOUT', `${what} within ${deliveryTimeoutMs / 1_000} s`)),
      deliveryTimeoutMs,
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
