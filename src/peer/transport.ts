import type { Address } from './address.ts'
import type { TlsIdentity, TlsTrust } from './transport/secure-socket.ts'

export type { TlsIdentity, TlsTrust }

/** What a connection reports to its user. Nothing is reported before `start`, and nothing after `closed`. */
export interface ConnectionHandlers {
  /** One whole packet. The bytes belong to the receiver. */
  message(bytes: Uint8Array): void
  /** What was written has left: `bufferedBytes` is low again. */
  drained(): void
  /** Called once. `code` is a WebSocket close code; 1006 when the connection just ended. */
  closed(code: number, reason: string): void
}

/** A two-way, ordered stream of binary packets, until it ends. */
export interface Connection {
  /** The other end as `host:port`. */
  readonly remoteAddress: string
  /** Whether the other end is on this machine. */
  readonly loopback: boolean
  /** Whether the bytes are encrypted on their way. */
  readonly encrypted: boolean
  /** What ties a proof to this very connection: what only its two ends know, or that there is nothing such. */
  readonly binding: Uint8Array
  /** Bytes written that have not left yet. */
  readonly bufferedBytes: number
  /** Hands over the handlers; called once, at once. */
  start(handlers: ConnectionHandlers): void
  /** Sends one packet, of which `body` is the end if it stands apart. */
  send(bytes: Uint8Array, body?: Uint8Array): void
  /** The other side has proved who it is: until then a connection that receives more than 16 KiB ends. */
  trust(): void
  /** Says goodbye and ends; whatever the other side does, it is over after a second. Safe to call twice. */
  close(code: number, reason: string): void
  /** Ends at once. */
  terminate(): void
}

/** What a connection that carries text reports to its user. */
export interface TextHandlers {
  message(text: string): void
  drained(): void
  /** Called once. */
  closed(): void
}

/** A two-way, ordered stream of texts, for dialects. */
export interface TextConnection {
  readonly remoteAddress: string
  readonly bufferedBytes: number
  /** Hands over the handlers; again, to replace them. */
  start(handlers: TextHandlers): void
  send(text: string): void
  /** Reads nothing more until `resume`. */
  pause(): void
  resume(): void
  close(code: number, reason: string): void
  terminate(): void
}

/** A request to the peer port that is not a link. */
export interface HttpRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** As text, at most 64 KiB; empty unless the method is POST. */
  readonly body: string
  /** Who asks, as `host:port`. */
  readonly remoteAddress: string
  readonly authorization: string | undefined
  /** Whether the request was made on this machine. */
  readonly loopback: boolean
}

/** The answer to it: a body that will be sent as JSON, or a text of another type. */
export interface HttpAnswer {
  readonly status: number
  readonly body: unknown
  /** With it, `body` is a text of this type. */
  readonly contentType?: string
}

/** What a listener asks of its user. */
export interface ListenerHandlers {
  /** Asked before a connection is made, when nothing has been spent on it yet; a refusal has a reason. */
  admit(remoteAddress: string): { admitted: true } | { admitted: false; reason: string }
  accept(connection: Connection): void
  /** With it, upgrades that name no subprotocol are let in: they carry text. */
  acceptText?(connection: TextConnection): void
  request(request: HttpRequest): HttpAnswer | Promise<HttpAnswer>
  /** Somebody sent what is no link and no request. */
  noise(remoteAddress: string, reason: string): void
}

/** What a proof is tied to where a connection has no secret of its own. */
export const plainBinding: Uint8Array = new TextEncoder().encode('plain')

/** Where a listener listens. */
export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** Names besides IP addresses and `localhost` that a Host header may carry. */
  readonly hostNames: readonly string[]
  /** The largest packet taken, in bytes. */
  readonly maxPacketBytes: number
  /** With it, TLS only. */
  readonly tls?: TlsIdentity
}

/** A listening address. */
export interface Listener {
  readonly host: string
  readonly port: number
  /** Frees the address and ends the requests under way; connections that were accepted go on. */
  stop(): Promise<void>
}

/** Makes connections: over sockets, or in memory for tests. */
export interface Transport {
  /** @throws MillraceError `PORT_IN_USE`, `BIND_REFUSED`. */
  listen(options: ListenOptions, handlers: ListenerHandlers): Promise<Listener>
  /**
   * Speaks TLS where `tls` says whom to trust.
   * @throws MillraceError `PEER_UNREACHABLE` (nothing answers), `TLS_UNTRUSTED`, `LINK_REFUSED` (something that is no peer answers, or one that
   * takes no more links).
   */
  dial(target: Address, options: { maxPacketBytes: number; signal: AbortSignal; tls?: TlsTrust }): Promise<Connection>
  /** Dials for text, as dialects want it, without TLS. @throws MillraceError as `dial` does. */
  dialText?(target: Address, options: { maxPacketBytes: number }): Promise<TextConnection>
}
