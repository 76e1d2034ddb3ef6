import { createORPCClient } from '@orpc/client'
import { RPCLink as MessagePortLink } from '@orpc/client/message-port'
import { RPCLink as WebSocketLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { MillraceError, type Contract } from '../../shared/index.ts'

/** Calls the lab, by its contract alone. */
export type LabClient = ContractRouterClient<Contract>

/** A way to a lab that holds until `closed` settles. */
export interface LabConnection {
  readonly client: LabClient
  readonly closed: Promise<void>
  /** Ends it; safe to call twice. */
  close(): void
}

/** Opens a connection, or rejects with the reason why it cannot be had now; with `FORBIDDEN` when trying again is in vain. */
export type Connect = (signal: AbortSignal) => Promise<LabConnection>

declare global {
  interface Window {
    /** What the preload script of the desktop window says of itself. */
    readonly millrace?: {
      readonly door: 'desktop'
      /** Where a file lies that was dropped; empty for what is no file. */
      readonly pathOf?: (file: File) => string
    }
  }
}

/** The way to the lab that fits where this window runs: a port handed over by the preload script, or a WebSocket. */
export function connectHere(here: Window): Connect {
  if (here.millrace?.door === 'desktop') return connectByPort(here)
  const url = new URL('/contract', here.location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return connectBySocket(
    () => new WebSocket(url),
    () => mayEnter(new URL('/', here.location.href)),
  )
}

/** Whether the server still knows this window; a browser does not say why it was refused a socket. Rejects when nobody answers. */
async function mayEnter(page: URL): Promise<boolean> {
  const { status } = await fetch(page, { method: 'HEAD', cache: 'no-store' })
  return status !== 401 && status !== 403
}

/** Takes the ports that the preload script hands over; one that came before it was asked for is kept. */
export function connectByPort(here: Pick<Window, 'addEventListener' | 'removeEventListener'>): Connect {
  let offered: MessagePort | undefined
  let taken: ((port: MessagePort) => void) | undefined
  here.addEventListener('message', (event) => {
    const port = event.ports[0]
    // Only this window itself may hand over a port: frames and openers cannot.
    if (event.source !== here || !port || !isOffer(event.data)) return
    if (taken) taken(port)
    else offered = port
  })
  return async (signal) => {
    const port = offered ?? (await nextPort(signal, (take) => (taken = take)))
    offered = undefined
    taken = undefined
    return portConnection(port)
  }
}

/** Dials the lab's WebSocket; rejects when it closes before it is open, with `FORBIDDEN` when `isKnown` says so. */
export function connectBySocket(open: () => WebSocket, isKnown: () => Promise<boolean>): Connect {
  return async (signal) => {
    const socket = open()
    const refused = closeOf(socket)
    signal.addEventListener('abort', () => socket.close(), { once: true })
    const opened = new Promise<'open'>((resolve) => {
      socket.addEventListener('open', () => resolve('open'), { once: true })
    })
    if ((await Promise.race([opened, refused])) !== 'open') {
      if (signal.aborted || (await isKnown().catch(() => true))) throw new Error('the lab does not answer')
      throw new MillraceError('FORBIDDEN', sessionEnded)
    }
    const client: LabClient = createORPCClient(new WebSocketLink({ websocket: untilClosed(socket) }))
    // Heard only after the client has heard of it too: whoever calls a stream off then has nothing left to send.
    return { client, closed: closeOf(socket), close: () => socket.close() }
  }
}

function closeOf(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => socket.addEventListener('close', () => resolve(), { once: true }))
}

const sessionEnded =
  'The lab that answers now does not know this window: its session has ended; open the URL that the terminal prints'

/**
 * A socket that swallows what is sent while it closes, as browsers do themselves. The client would throw instead, also when it
 * calls streams off, where nobody can catch it. Its calls are rejected a moment later, when the socket has closed.
 */
function untilClosed(
  socket: WebSocket,
): Pick<WebSocket, 'addEventListener' | 'removeEventListener' | 'send' | 'readyState'> {
  return {
    addEventListener: socket.addEventListener.bind(socket),
    removeEventListener: socket.removeEventListener.bind(socket),
    send: (data) => {
      if (socket.readyState === socket.OPEN) socket.send(data)
    },
    get readyState() {
      return socket.readyState === socket.CLOSING ? socket.OPEN : socket.readyState
    },
  }
}

function nextPort(signal: AbortSignal, wait: (take: (port: MessagePort) => void) => void): Promise<MessagePort> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('the window was closed')), { once: true })
    wait(resolve)
  })
}

function portConnection(port: MessagePort): LabConnection {
  const closed = new Promise<void>((resolve) => {
    port.addEventListener('close', () => resolve(), { once: true })
  })
  const client: LabClient = createORPCClient(new MessagePortLink({ port }))
  port.start()
  return { client, closed, close: () => port.close() }
}

function isOffer(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'type' in data && data.type === 'millrace-contract'
}
