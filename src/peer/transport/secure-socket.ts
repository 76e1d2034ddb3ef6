import { isIP } from 'node:net'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { MillraceError } from '../../shared/index.ts'
import { formatAddress, type Address } from '../address.ts'

/** Whom to take for the other side of TLS: whoever has this very certificate, or one of these authorities, or else one that this machine trusts. */
export interface TlsTrust {
  /** SHA-256 of the certificate, in hexadecimal, with or without colons. */
  readonly fingerprint?: string
  /** Certificates of authorities, or the peer's own, as PEM. */
  readonly ca?: string
}

/** What a listener proves itself with, as PEM. */
export interface TlsIdentity {
  readonly cert: string
  readonly key: string
}

const bindingLabel = 'EXPORTER-millrace'
const bindingBytes = 32

/** Reads a fingerprint as people write it; `undefined` when it is none. */
export function parseFingerprint(text: string): string | undefined {
  const plain = text
    .trim()
    .replace(/^sha-?256[:=/ ]/i, '')
    .replaceAll(/[:\s]/g, '')
    .toUpperCase()
  return /^[0-9A-F]{64}$/.test(plain) ? (plain.match(/../g) ?? []).join(':') : undefined
}

/** What only the two ends of this TLS connection know (RFC 5705, RFC 9266): ties a proof to it, so that nobody in between can pass one on. */
export function bindingOf(socket: TLSSocket): Uint8Array {
  return socket.exportKeyingMaterial(bindingBytes, bindingLabel, Buffer.alloc(0))
}

/**
 * Opens a TLS connection, and looks at the certificate before anything is said on it; `shown` hears its fingerprint, trusted or not.
 * @throws MillraceError `TLS_UNTRUSTED`, `PEER_UNREACHABLE`, `USAGE` for a fingerprint that is none.
 */
export function connectSecurely(
  target: Address,
  trust: TlsTrust,
  options: { signal?: AbortSignal; timeoutMs?: number; shown?: (fingerprint: string) => void } = {},
): Promise<TLSSocket> {
  const where = formatAddress(target)
  return new Promise((connected, failed) => {
    const socket = connect(tlsOptions(target, trust))
    const fail = (error: unknown) => {
      done()
      socket.destroy()
      failed(error)
    }
    const abort = () => fail(new MillraceError('PEER_UNREACHABLE', `dialling ${where} was given up`))
    const onError = (error: Error) => fail(tlsError(error, where))
    const ended = () => fail(new MillraceError('PEER_UNREACHABLE', `${where} ended the connection before TLS began`))
    const done = () => {
      socket.off('close', ended)
      socket.setTimeout(0)
      options.signal?.removeEventListener('abort', abort)
    }
    // Stays for good: an error without a listener would end the process.
    socket.on('error', onError)
    socket.once('close', ended)
    if (options.timeoutMs !== undefined)
      socket.setTimeout(options.timeoutMs, () =>
        fail(new MillraceError('PEER_UNREACHABLE', `${where} does not answer`)),
      )
    socket.once('secureConnect', () => {
      options.shown?.(socket.getPeerCertificate().fingerprint256)
      const problem = findDistrust(socket, trust, where)
      if (problem) return fail(problem)
      done()
      return connected(socket)
    })
    if (options.signal?.aborted) abort()
    else options.signal?.addEventListener('abort', abort, { once: true })
  })
}

function tlsOptions({ host, port }: Address, trust: TlsTrust): ConnectionOptions {
  if (trust.fingerprint !== undefined && parseFingerprint(trust.fingerprint) === undefined)
    throw new MillraceError('USAGE', 'a fingerprint is 64 hexadecimal digits, the SHA-256 of a certificate')
  return {
    host,
    port,
    ...(isIP(host) === 0 && { servername: host }),
    // What is wrong with the certificate is judged below, before anything is said, and then told in words.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['http/1.1'],
    ...(trust.ca !== undefined && { ca: trust.ca }),
  }
}

function findDistrust(socket: TLSSocket, trust: TlsTrust, where: string): MillraceError | undefined {
  const { fingerprint256: shown } = socket.getPeerCertificate()
  if (trust.fingerprint !== undefined) {
    if (shown === parseFingerprint(trust.fingerprint)) return undefined
    return new MillraceError(
      'TLS_UNTRUSTED',
      `the certificate of ${where} is not the one expected: its fingerprint is ${shown}; make sure that this is the right machine before you expect that one`,
    )
  }
  if (socket.authorized) return undefined
  const reason = String(socket.authorizationError)
  return new MillraceError(
    'TLS_UNTRUSTED',
    `the certificate of ${where} is not trusted here (${reason}): give its fingerprint, if it is this one: ${shown}`,
  )
}

function tlsError(cause: Error, where: string): MillraceError {
  const code = 'code' in cause ? String(cause.code) : ''
  const reason =
    code === 'ECONNREFUSED'
      ? 'nothing listens there'
      : code === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
          code === 'EPROTO' ||
          code === 'ECONNRESET' ||
          code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG'
        ? 'it does not speak TLS there; dial it without wss:// and fingerprint, or give it a certificate'
        : cause.message
  return new MillraceError('PEER_UNREACHABLE', `no peer answers at ${where}: ${reason}`, { cause })
}
